"""How many pictures one process draws at once. Whoever comes after waits a little, and only so many wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore


class TooBusy(Exception):
    """A picture was not drawn for want of time, not for what is in it: the same may work a moment later."""


class Turns:
    """So many at once, and so many that wait: never more threads than both together.

    seconds    the longest that one waits
    """

    def __init__(self, at_once: int, *, waiting: int, seconds: float) -> None:
        self._turns = BoundedSemaphore(at_once)
        self._places = BoundedSemaphore(at_once + waiting)
        self._seconds = seconds

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold one turn. Raises `TooBusy` at once when too many wait already, or after having waited in vain."""
        if not self._places.acquire(blocking=False):
            raise TooBusy
        try:
            if not self._turns.acquire(timeout=self._seconds):
                raise TooBusy
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()
