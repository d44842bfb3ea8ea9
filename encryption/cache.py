"""Keys in the clear, kept for a minute so that a hot path neither asks the database nor unwraps.

A minute counts from loading, not from last use: a key that another process destroyed is forgotten
within it however busy the conversation is, and an idle process holds no key longer either (ENC-10).
"""

import os
import threading
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

from encryption.envelope import DataKey

LIFETIME = 60.0  # seconds
LARGEST = 10_000  # entries


class Tombstone(NamedTuple):
    """Stands for a destroyed key, so that a page of erased messages asks for it once."""

    kid: bytes


class KeyCache:
    """A bounded map whose entries leave in the order in which they came."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.clear()

    def get(self, name: Hashable) -> DataKey | Tombstone | None:
        """The key that was put under this name within the last minute."""
        found = self._entries.get(name)
        return found[1] if found and found[0] > self._clock() else None

    def put(self, name: Hashable, key: DataKey | Tombstone) -> None:
        """Keep a key for a minute."""
        with self._lock:
            self._entries.pop(name, None)
            self._entries[name] = (self._clock() + LIFETIME, key)
            self._drop_what_is_due()
            if not self._sweeping:
                self._sweep_when_due()

    def forget(self, kid: bytes) -> None:
        """Drop a key under every name that it has."""
        with self._lock:
            for name in [name for name, (_, key) in self._entries.items() if key.kid == kid]:
                del self._entries[name]

    def clear(self) -> None:
        """Drop every key. A forked process starts here too: it inherits neither lock nor thread."""
        self._lock = threading.Lock()
        self._entries: dict[Hashable, tuple[float, DataKey | Tombstone]] = {}
        self._sweeping = False

    def __len__(self) -> int:
        return len(self._entries)

    def _drop_what_is_due(self) -> None:
        now = self._clock()
        while self._entries:
            oldest = next(iter(self._entries))
            if self._entries[oldest][0] > now and len(self._entries) <= LARGEST:
                return
            del self._entries[oldest]

    def _sweep_when_due(self) -> None:
        due = next(iter(self._entries.values()))[0] - self._clock()
        self._sweeping = True
        timer = threading.Timer(max(due, 1.0), self._sweep)
        timer.daemon = True
        timer.start()

    def _sweep(self) -> None:
        with self._lock:
            self._sweeping = False
            self._drop_what_is_due()
            if self._entries:
                self._sweep_when_due()


KEYS = KeyCache()
os.register_at_fork(after_in_child=KEYS.clear)
