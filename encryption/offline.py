"""Sealed to a key that is not here: whoever holds the public half can seal, and only the far half opens.

For backups. The private half is made once and kept away from every server, so that a server cannot read
what it puts aside. A sealed part is

    0x92 | key id (8) | HPKE of (key id (8) | data key (32)), 88 bytes | file format 0x81

HPKE (RFC 9180) in base mode: X25519, HKDF-SHA-256, AES-256-GCM. The data key seals this one part, as a file
of `encryption.chunks`, bound to its place; so a part is written and read in pieces, and never held whole.
"""

import base64
import binascii
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from encryption import chunks
from encryption.envelope import KEY_ID, Context, DataKey
from encryption.errors import EnvelopeAltered, KeyWrong
from tenancy.ids import INSTALLATION

FORMAT = b"\x92"
PUBLIC, PRIVATE = "quietline-backup-public-1", "quietline-backup-private-1"
LENGTH = 32
_LABEL = b"pcm.offline"
_suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_WRAPPED = 32 + KEY_ID + LENGTH + 16  # encapsulated key, what is in it, tag
HEAD = 1 + KEY_ID + _WRAPPED


class NotAKey(ValueError):
    """The text is not a key of this kind. Never says what it is."""


@dataclass(frozen=True)
class Recipient:
    """The public half: all that a server needs to seal."""

    raw: bytes

    @property
    def kid(self) -> bytes:
        return _hash(self.raw)[:KEY_ID]

    def __str__(self) -> str:
        return _text(PUBLIC, self.raw)

    @classmethod
    def parse(cls, text: str) -> "Recipient":
        """Raises NotAKey."""
        return cls(_parsed(PUBLIC, text))


@dataclass(frozen=True)
class Holder:
    """The private half: what opens."""

    raw: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "Holder":
        return cls(os.urandom(LENGTH))

    @classmethod
    def parse(cls, text: str) -> "Holder":
        """Raises NotAKey."""
        return cls(_parsed(PRIVATE, text))

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.private.public_key().public_bytes_raw())

    @property
    def private(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self.raw)

    def text(self) -> str:
        """The line that is kept offline. Not `str()`: nothing prints it by accident."""
        return _text(PRIVATE, self.raw)


class Sealing:
    """A part being sealed: `head` first, then what each `update` returns, then what `finish` does."""

    def __init__(self, recipient: Recipient, *, name: str, of: UUID) -> None:
        key = DataKey(os.urandom(KEY_ID), os.urandom(LENGTH))
        header = FORMAT + recipient.kid
        public = X25519PublicKey.from_public_bytes(recipient.raw)
        wrapped = _suite.encrypt(key.kid + key.secret, public, info=_info(header, name, of))
        inner = chunks.FORMAT + key.kid
        self.head = header + wrapped + inner
        self._encryptor = Cobblestone256Encryptor(key.secret, inner + _place(name, of).encode())

    def update(self, plain: bytes) -> bytes:
        return self._encryptor.update(plain)

    def finish(self) -> bytes:
        return self._encryptor.finalize()


def opened(file: BinaryIO, length: int, holder: Holder, *, name: str, of: UUID) -> Iterator[bytes]:
    """What was sealed, a chunk at a time. Raises KeyWrong, EnvelopeAltered: the first chunk is not given before."""
    head = file.read(HEAD)
    header, wrapped = head[: 1 + KEY_ID], head[1 + KEY_ID :]
    if len(head) < HEAD or header[:1] != FORMAT:
        raise EnvelopeAltered("This is not a part of a backup.")
    if header[1:] != holder.recipient.kid:
        raise KeyWrong("This part was sealed to another key.", key_id=header[1:])
    try:
        secret = _suite.decrypt(wrapped, holder.private, info=_info(header, name, of))
    except (InvalidTag, ValueError):
        raise EnvelopeAltered("This part was altered, or belongs elsewhere.", key_id=header[1:]) from None

    def read(offset: int, count: int) -> bytes:
        file.seek(HEAD + offset)
        return file.read(count)

    key = DataKey(secret[:KEY_ID], secret[KEY_ID:])
    sealed = chunks.SealedFile(read, length - HEAD, key=key, context=_place(name, of))
    return sealed.pieces(0, sealed.length)


def _place(name: str, of: UUID) -> Context:
    return Context(f"backup.{name}.v1", INSTALLATION, of)


def _info(header: bytes, name: str, of: UUID) -> bytes:
    return _LABEL + header + _place(name, of).encode()


def _text(kind: str, raw: bytes) -> str:
    return f"{kind}:{base64.b64encode(raw + _check(kind, raw)).decode()}"


def _parsed(kind: str, text: str) -> bytes:
    """The key in a text of several lines, one of which holds it."""
    lines = [line.strip() for line in text.splitlines()]
    found = [line.removeprefix(f"{kind}:") for line in lines if line.startswith(f"{kind}:")]
    try:
        whole = base64.b64decode(found[0], validate=True) if len(found) == 1 else b""
    except binascii.Error:
        whole = b""
    raw, check = whole[:LENGTH], whole[LENGTH:]
    if len(raw) != LENGTH or check != _check(kind, raw):
        raise NotAKey(f"There is no whole line that begins with {kind}.")
    return raw


def _hash(data: bytes) -> bytes:
    digest = Hash(SHA256())
    digest.update(data)
    return digest.finalize()


def _check(kind: str, raw: bytes) -> bytes:
    """Four bytes that show a line copied wrongly from paper."""
    return _hash(kind.encode() + raw)[:4]
