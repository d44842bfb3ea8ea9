"""The time of a plan. It stands still while the load does not keep up, so a slow machine breaks as much per text."""

import threading
import time
from collections import Counter

from simulate.plan import Plan

AHEAD = 8.0  # seconds that the time may be ahead of what has been done
LOOK_EVERY = 0.1


class Over(Exception):
    """The simulation was ended before its time."""


class Pace:
    """Seconds since the load began, as far as texts and replies have kept up."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._lock, self._over = plan, threading.Lock(), threading.Event()
        self._now, self._looked = 0.0, time.monotonic()
        self._done = Counter[str]()

    @property
    def texts(self) -> int:
        return self._done["texts"]

    @property
    def replies(self) -> int:
        return self._done["replies"]

    def count(self, what: str) -> None:
        """One more of the texts, or of the replies, is done."""
        with self._lock:
            self._done[what] += 1

    def now(self) -> float:
        with self._lock:
            looked = time.monotonic()
            self._now = max(self._now, min(self._now + looked - self._looked, self._limit()))
            self._looked = looked
            return self._now

    def _limit(self) -> float:
        done = min(self.texts / self._plan.texts, self.replies / self._plan.replies)
        return float("inf") if done >= 1 else done * self._plan.seconds + AHEAD

    def wait_for(self, moment: float) -> None:
        """Raises `Over` when it never comes."""
        while (left := moment - self.now()) > 0:
            if self._over.wait(max(left, LOOK_EVERY)):
                raise Over

    def end(self) -> None:
        self._over.set()
