"""Checkpoints as C2SP signed notes (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint).

    quietline/audit/0f3c...          origin: names the log, and the key that signs it
    1042                             how many entries the tree holds
    CsUYapGGPo4dkMgIAUqom/...=       its root, base64
    time 2026-11-24T03:12:00.123456Z when it was signed
    behind 0                         1 if entries were still waiting when it was signed
    previous 47DEQpj8HBSa+/TImW...=  SHA-256 of the checkpoint before this one, or a dash
    (empty line)
    — quietline/audit/0f3c... yTx9…= base64(key id, 4 bytes | Ed25519 signature, 64 bytes)

The last three lines of the text are extensions that the C2SP form allows for.
"""

from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"  # the signature type of C2SP
KEY_ID = 4  # bytes
NO_PREVIOUS = "-"


class BadNote(Exception):
    """The note is not one of ours, or its signature does not hold."""


class PublicKey(NamedTuple):
    """Who signs: what an outsider pins."""

    raw: bytes

    @property
    def origin(self) -> str:
        return "quietline/audit/" + sha256(self.raw).hexdigest()[:16]

    @property
    def key_id(self) -> bytes:
        return sha256(self.origin.encode() + b"\n" + ED25519 + self.raw).digest()[:KEY_ID]

    def __str__(self) -> str:
        """The verifier key of C2SP: name+key id+key."""
        return f"{self.origin}+{self.key_id.hex()}+{b64encode(ED25519 + self.raw).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A verifier key as it prints. Raises ValueError, also for one that does not fit its own name and id."""
        try:
            key = cls(b64decode(text.split("+", 2)[2], validate=True)[1:])
        except IndexError:
            raise ValueError("This is no verifier key.") from None
        if str(key) != text:
            raise ValueError("This verifier key does not fit its own name.")
        return key

    def opened(self, note: str) -> str:
        """The text of a note that this key has signed; raises `BadNote`."""
        text, mark, signatures = note.rpartition("\n\n")
        start = f"— {self.origin} "
        for line in signatures.splitlines():
            if mark and line.startswith(start) and self._signed(text + "\n", line.removeprefix(start)):
                return text + "\n"
        raise BadNote("This key has not signed this note.")

    def _signed(self, text: str, signature: str) -> bool:
        try:
            raw = b64decode(signature, validate=True)
            Ed25519PublicKey.from_public_bytes(self.raw).verify(raw[KEY_ID:], text.encode())
        except (ValueError, InvalidSignature):
            return False
        return raw[:KEY_ID] == self.key_id


class Signer:
    """Signs notes with the Ed25519 key that grows from a seed of 32 bytes (RFC 8032)."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        return f"{text}\n{self._line(text)}"

    def cosign(self, note: str) -> str:
        """The note with our signature below those that it has."""
        return note + self._line(note.rpartition("\n\n")[0] + "\n")

    def _line(self, text: str) -> str:
        signature = self.public.key_id + self._private.sign(text.encode())
        return f"— {self.public.origin} {b64encode(signature).decode()}\n"


def note_digest(note: str) -> bytes:
    return sha256(note.encode()).digest()


def timestamp_text(moment: datetime) -> str:
    """UTC with microseconds, always 27 characters."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def checkpoint_text(origin: str, size: int, root: bytes, *, at: datetime, behind: bool, previous: str | None) -> str:
    """What is signed. `previous` is the whole note of the checkpoint before, with its signature."""
    before = b64encode(note_digest(previous)).decode() if previous else NO_PREVIOUS
    return (
        f"{origin}\n{size}\n{b64encode(root).decode()}\n"
        f"time {timestamp_text(at)}\nbehind {int(behind)}\nprevious {before}\n"
    )
