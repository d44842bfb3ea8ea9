"""What an entry may say beside its ids: short codes, counts, yes and no. Never words or numbers of people."""

import re
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

Fact = str | int | bool | None

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Codes, ids, times, addresses of settings: nothing with a space in it, so no sentence and no full name.
CODE = re.compile(r"[A-Za-z0-9_.:,/-]{0,120}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
PHONE_DIGITS = 7
LARGEST = 10**9  # ten digits could be a phone number


class UnsafeFact(ValueError):
    """A fact that the log must not hold. Names it without its value."""


class Commitment(NamedTuple):
    """`text` stands in the log; it can be opened only by whoever holds salt and value."""

    text: str
    salt: bytes


def commitment(value: str) -> Commitment:
    """Commit to a personal value: SHA-256(16 random bytes | UTF-8 of the value)."""
    salt = secrets.token_bytes(16)
    return Commitment("sha256:" + sha256(salt + value.encode()).hexdigest(), salt)


def opens(text: str, salt: bytes, value: str) -> bool:
    """Whether a commitment of the log was made to this value."""
    return text == "sha256:" + sha256(salt + value.encode()).hexdigest()


def checked(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts as they are; raises `UnsafeFact` for one that could be a word, a name or a number."""
    for name, value in facts.items():
        if not NAME.fullmatch(name) or not is_safe(value):
            raise UnsafeFact(f"The fact {name[:40]!r} is not a code, a count, or yes or no.")
    return dict(facts)


def is_safe(value: object) -> bool:
    match value:
        case None | bool():
            return True
        case int():
            return abs(value) < LARGEST
        case str():
            return bool(CODE.fullmatch(value)) and not _looks_like_a_phone(value)
        case _:
            return False


def _looks_like_a_phone(text: str) -> bool:
    digits = re.sub(r"[.:,/-]", "", text)
    return digits.isdigit() and len(digits) >= PHONE_DIGITS and not DATE.fullmatch(text)
