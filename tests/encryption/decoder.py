"""A second decoder of envelope format 1, written from docs/encryption.md with other parts.

It shares no code with the product: HKDF-Expand by hand from `hmac`, AES-GCM through the streaming
interface. What the product seals and this opens is therefore what the page describes.
"""

import hashlib
import hmac
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

ALLOWED_LENGTHS = {64, 160, 320, 640}


def decode(
    envelope: bytes, secret: bytes, schema: str, center: UUID, row: UUID, epoch: UUID | None, direction: str
) -> bytes:
    """Return the text, or raise ValueError or InvalidTag."""
    header, salt = envelope[0:9], envelope[9:33]
    commitment, text, tag = envelope[33:65], envelope[65:-16], envelope[-16:]
    if header[0] != 1:
        raise ValueError("not format 1")
    where = context(schema, center, row, epoch, direction)
    okm = expand(secret, b"pcm.field" + b"\x00" + header + salt + where, 76)
    if commitment != okm[44:76]:
        raise ValueError("another key or another place")
    decryptor = Cipher(AES(okm[0:32]), GCM(okm[32:44], tag)).decryptor()
    return without_padding(decryptor.update(text) + decryptor.finalize())


def key_id(envelope: bytes) -> bytes:
    return envelope[1:9]


def context(schema: str, center: UUID, row: UUID, epoch: UUID | None, direction: str) -> bytes:
    """Five parts, each after its length in two bytes."""
    epoch_bytes = epoch.bytes if epoch else b"\x00" * 16
    parts = [schema.encode("utf-8"), center.bytes, row.bytes, epoch_bytes, direction.encode("utf-8")]
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def expand(key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, 2.3."""
    okm, block, number = b"", b"", 1
    while len(okm) < length:
        block = hmac.new(key, block + info + bytes([number]), hashlib.sha256).digest()
        okm, number = okm + block, number + 1
    return okm[:length]


def without_padding(padded: bytes) -> bytes:
    """Length in four bytes, text, zeros up to one of the allowed lengths."""
    if len(padded) not in ALLOWED_LENGTHS and len(padded) % 1600:
        raise ValueError("no allowed length")
    length = int.from_bytes(padded[:4], "big")
    text, rest = padded[4 : 4 + length], padded[4 + length :]
    if len(text) != length or rest.strip(b"\x00"):
        raise ValueError("bad padding")
    return text
