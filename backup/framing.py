"""The messages of an increment as one stream of bytes: each behind its length, all of it compressed.

Sealed values hardly shrink, but PostgreSQL writes bytes as text, at twice their length.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

from backup.problems import Refused

_LENGTH = struct.Struct(">I")


def compressed(messages: Iterable[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(level=1)
    for message in messages:
        yield packing.compress(_LENGTH.pack(len(message)) + message)
    yield packing.flush()


def messages(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What was compressed, message by message. Raises Refused unless all of it is there."""
    unpacking, held = zlib.decompressobj(), b""
    for piece in pieces:
        held += unpacking.decompress(piece)
        whole, held = _split(held)
        yield from whole
    if held or not unpacking.eof:
        raise Refused("An increment ends in the middle of a change.")


def _split(held: bytes) -> tuple[list[bytes], bytes]:
    found, at = [], 0
    while at + _LENGTH.size <= len(held):
        (length,) = _LENGTH.unpack_from(held, at)
        end = at + _LENGTH.size + length
        if end > len(held):
            break
        found.append(held[at + _LENGTH.size : end])
        at = end
    return found, held[at:]
