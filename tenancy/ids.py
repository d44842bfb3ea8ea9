"""Keys of rows: made in Python, ordered by time, so that an index grows at its end."""

import os
import time
from uuid import UUID

# Stands in for "no center": staff secrets and the keys of the installation itself.
INSTALLATION = UUID(int=0)


def uuid7() -> UUID:
    """Return a new UUID of version 7: 48 bits of milliseconds, then 74 random bits (RFC 9562, 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    random_a = int.from_bytes(os.urandom(2)) & 0x0FFF
    random_b = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b)
