"""The sealed form of one value. The only module that calls a cipher.

Format 1, 81 bytes around the padded text:

    1 format | 8 key id | 24 salt | 32 commitment | p padded text | 16 tag

    okm(76) = HKDF-Expand(SHA-256, prk = key, info = "pcm.field" 0x00 | format | key id | salt | context)
    AES-256-GCM key = okm[0:32], nonce = okm[32:44], commitment = okm[44:76], no associated data

Sources: RFC 5869, NIST SP 800-38D, C2SP chunked-encryption (the derivation's shape). A derived key
seals one value only, so no nonce is ever counted. `docs/encryption.md` explains the whole.
"""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from encryption.errors import EnvelopeAltered, KeyWrong
from encryption.padding import pad, unpad

KEY_ID, SALT, COMMITMENT, TAG = 8, 24, 32, 16
HEADER = 1 + KEY_ID
OVERHEAD = HEADER + SALT + COMMITMENT + TAG
_LABEL = b"pcm.field\0"
_ID, _NO_EPOCH = (16).to_bytes(2), bytes(16)
_SHA256 = SHA256()


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key in the clear: in memory only, and never in a representation of itself."""

    kid: bytes
    secret: bytes = field(repr=False)


class Context(NamedTuple):
    """The one place where a sealed value may live. A copy anywhere else stays shut."""

    schema: str
    center: UUID
    row: UUID
    epoch: UUID | None = None
    direction: str = ""

    def encode(self) -> bytes:
        """Every part with its length before it, so that no two contexts have the same bytes."""
        epoch = self.epoch.bytes if self.epoch else _NO_EPOCH
        ids = (_ID, self.center.bytes, _ID, self.row.bytes, _ID, epoch)
        return b"".join((_with_length(self.schema), *ids, _with_length(self.direction)))


@lru_cache(maxsize=1024)  # columns and directions are few, and each is asked for at every value
def _with_length(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2) + encoded


def seal(plain: bytes, *, key: DataKey, context: Context) -> bytes:
    """Return `plain` sealed so that it opens with the same `key` and `context` alone.

    plain    up to 2**32 - 1 bytes; never logged, never part of an exception
    returns  81 + p bytes, p the padded length; different on every call
    """
    return FORMATS[WRITES].seal(plain, key, context)


def open_envelope(envelope: bytes, *, key: DataKey, context: Context) -> bytes:
    """Return what was sealed.

    raises  KeyWrong, when another key's id is in the header
            EnvelopeAltered, when a bit was changed or the context is not the one it was sealed in
    """
    kid = key_id_of(envelope)
    if not hmac.compare_digest(kid, key.kid):
        raise KeyWrong("This value was sealed with another key.", key_id=kid, row_id=context.row)
    return FORMATS[envelope[0]].open(envelope, key, context)


def key_id_of(envelope: bytes) -> bytes:
    """The id of the key that an envelope names. Not yet proof of anything."""
    if len(envelope) <= OVERHEAD or envelope[0] not in FORMATS:
        raise EnvelopeAltered("This is not a sealed value in a format that is known.")
    return envelope[1:HEADER]


def _derive(key: DataKey, beginning: bytes, context: Context) -> bytes:
    """From the beginning of an envelope: its header and salt."""
    info = b"".join((_LABEL, beginning, context.encode()))
    return HKDFExpand(_SHA256, 76, info).derive(key.secret)


def _seal_1(plain: bytes, key: DataKey, context: Context) -> bytes:
    beginning = b"".join((b"\x01", key.kid, os.urandom(SALT)))
    okm = _derive(key, beginning, context)
    sealed = AESGCM(okm[:32]).encrypt(okm[32:44], pad(plain), None)
    return b"".join((beginning, okm[44:], sealed))


def _open_1(envelope: bytes, key: DataKey, context: Context) -> bytes:
    salt, text = HEADER + SALT, HEADER + SALT + COMMITMENT
    okm = _derive(key, envelope[:salt], context)
    committed = hmac.compare_digest(envelope[salt:text], okm[44:])
    try:
        padded = AESGCM(okm[:32]).decrypt(okm[32:44], envelope[text:], None) if committed else None
        plain = unpad(padded) if padded else None
    except InvalidTag:
        plain = None
    if plain is None:
        raise EnvelopeAltered("This value was altered, or belongs elsewhere.", key_id=key.kid, row_id=context.row)
    return plain


class Format(NamedTuple):
    """One way to seal. Readers accept every format here; one of them writes."""

    seal: Callable[[bytes, DataKey, Context], bytes]
    open: Callable[[bytes, DataKey, Context], bytes]


FORMATS = {1: Format(_seal_1, _open_1)}
WRITES = 1
