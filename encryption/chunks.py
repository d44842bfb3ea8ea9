"""The sealed form of a file: long, read in pieces, and whole or refused.

File format 1 is `0x81 | key id (8)` followed by a message of C2SP chunked-encryption v1, instantiated
with SHA-512 and AEAD_AES_256_GCM: salt (24), commitment (32), then chunks of 16 KiB, each with its tag
(16). The last chunk is always shorter, so a cut file is noticed.

    key (32) | base nonce (12) | commitment (32) = HKDF-Expand-SHA-512(prk = data key,
        info = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM" 0x00 | salt | context)

The context is the header and the place of the file (`envelope.Context`), length-prefixed as for fields.
The library seals; it can only open from front to back, so reading from the middle is ours.
Source: https://c2sp.org/chunked-encryption
"""

import hmac
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cryptography.cobblestone import Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from encryption.envelope import Context, DataKey
from encryption.errors import EnvelopeAltered, KeyWrong

CHUNK, TAG, SALT, COMMITMENT, KEY_ID, NONCE = 16_384, 16, 24, 32, 8, 12
FORMAT = b"\x81"
HEADER = 1 + KEY_ID
PREFIX = HEADER + SALT + COMMITMENT  # before the first chunk
SEALED_CHUNK = CHUNK + TAG
_LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"

Read = Callable[[int, int], bytes]


class _Derived(NamedTuple):
    cipher: AESGCM
    base_nonce: int
    commitment: bytes

    def nonce(self, chunk: int) -> bytes:
        return (self.base_nonce ^ chunk).to_bytes(NONCE)


def sealed_length(length: int) -> int:
    """How many bytes a file of `length` bytes takes when sealed."""
    return PREFIX + length + (length // CHUNK + 1) * TAG


def plain_length(sealed: int) -> int:
    """How long the file in `sealed` bytes is. Raises EnvelopeAltered when no file has that length."""
    body = sealed - PREFIX
    whole, rest = divmod(body, SEALED_CHUNK)
    if body < TAG or rest < TAG:
        raise EnvelopeAltered("This file was cut.")
    return whole * CHUNK + rest - TAG


def seal_file(plain: bytes, *, key: DataKey, context: Context) -> bytes:
    """Return `plain` sealed as a file that opens with the same `key` and `context` alone."""
    header = FORMAT + key.kid
    encryptor = Cobblestone256Encryptor(key.secret, header + context.encode())
    return b"".join((header, encryptor.update(plain), encryptor.finalize()))


def key_id_of_file(prefix: bytes) -> bytes:
    """The id of the key that a sealed file names. Not yet proof of anything."""
    if len(prefix) < PREFIX or prefix[:1] != FORMAT:
        raise EnvelopeAltered("This is not a sealed file in a format that is known.")
    return prefix[1:HEADER]


class SealedFile:
    """A sealed file that is read in pieces.

    read     returns `count` sealed bytes from `offset` on; called for what is needed alone
    length   of the whole sealed file, in bytes
    raises   KeyWrong, EnvelopeAltered: nothing of an altered chunk is ever returned
    """

    def __init__(self, read: Read, length: int, *, key: DataKey, context: Context) -> None:
        prefix = read(0, PREFIX)
        if key_id_of_file(prefix) != key.kid:
            raise KeyWrong("This file was sealed with another key.", key_id=prefix[1:HEADER], row_id=context.row)
        self._read, self._sealed = read, length
        self._altered = EnvelopeAltered(
            "This file was altered, or belongs elsewhere.", key_id=key.kid, row_id=context.row
        )
        self.length = plain_length(length)
        self._derived = _derive(key, prefix[:HEADER], prefix[HEADER : HEADER + SALT], context)
        if not hmac.compare_digest(prefix[HEADER + SALT :], self._derived.commitment):
            raise self._altered
        self._open(self.length // CHUNK)  # the last chunk says that nothing was cut

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, a chunk at a time."""
        for number in range(start // CHUNK, -(-end // CHUNK)):
            first = number * CHUNK
            yield self._open(number)[max(start - first, 0) : end - first]

    def whole(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces(0, self.length))

    def _open(self, number: int) -> bytes:
        offset = PREFIX + number * SEALED_CHUNK
        sealed = self._read(offset, min(SEALED_CHUNK, self._sealed - offset))
        try:
            return self._derived.cipher.decrypt(self._derived.nonce(number), sealed, None)
        except (InvalidTag, ValueError):
            raise self._altered from None


def _derive(key: DataKey, header: bytes, salt: bytes, context: Context) -> _Derived:
    info = b"".join((_LABEL, salt, header, context.encode()))
    okm = HKDFExpand(SHA512(), 76, info).derive(key.secret)
    return _Derived(AESGCM(okm[:32]), int.from_bytes(okm[32:44]), okm[44:])
