"""Twilio's identifiers: two letters and 32 hexadecimal digits."""

import hashlib
import secrets


def new_sid(prefix: str) -> str:
    """Return a fresh identifier, such as SM and 32 digits."""
    return prefix + secrets.token_hex(16)


def sid_of(prefix: str, *names: str) -> str:
    """Return the identifier that these names always get."""
    return prefix + hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]
