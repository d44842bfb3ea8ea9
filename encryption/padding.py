"""Padding, so that the length of a sealed value does not tell "yes" from a paragraph."""

from bisect import bisect_left

STEPS = (64, 160, 320, 640, 1600)
LARGEST = STEPS[-1]
_PREFIX = 4  # bytes of length before the text, big-endian


def padded_length(length: int) -> int:
    """The bytes that a text of `length` bytes takes: the next step, then the next multiple of 1600."""
    needed = _PREFIX + length
    return STEPS[bisect_left(STEPS, needed)] if needed <= LARGEST else -(-needed // LARGEST) * LARGEST


def pad(plain: bytes) -> bytes:
    """Length, text, zeros."""
    prefixed = len(plain).to_bytes(_PREFIX) + plain
    return prefixed.ljust(padded_length(len(plain)), b"\0")


def unpad(padded: bytes) -> bytes | None:
    """The text, or None when this is not what `pad` makes."""
    end = _PREFIX + int.from_bytes(padded[:_PREFIX])
    if len(padded) != padded_length(end - _PREFIX) or padded[end:] != bytes(len(padded) - end):
        return None
    return padded[_PREFIX:end]
