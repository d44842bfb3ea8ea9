"""Passwords by Argon2id with the parameters of ASVS 5.0, 11.4.2: 46 MiB, one pass, one lane.

A flood of sign-ins may take neither all memory nor all threads: a few are worked on at once, a few wait for a
moment, and the others are told at once to come again.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from tenancy.scope import release_connection


class Busy(Exception):
    """Too many passwords are being looked at just now; this one was not."""


class Queue:
    """So many at once, so many more who wait, and for how many seconds at the most."""

    def __init__(self, at_once: int, waiting: int, patience: float = 1.0) -> None:
        self._turns, self._places = BoundedSemaphore(at_once), BoundedSemaphore(at_once + waiting)
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn and have it, holding no connection meanwhile but in a transaction. Raises `Busy`."""
        release_connection()
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            if not self._turns.acquire(timeout=self._patience):
                raise Busy
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()


EVERYBODY = Queue(at_once=4, waiting=8)
STRANGERS = Queue(at_once=2, waiting=2)  # so that who is known always finds a turn, and pages find threads


class Argon2idHasher(Argon2PasswordHasher):
    """A password counts in one form of its Unicode (NFC, RFC 8265), however a keyboard made it."""

    time_cost = 1
    memory_cost = 47_104  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with EVERYBODY.turn():
            return super().encode(normal(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        with EVERYBODY.turn():
            return super().verify(normal(password), encoded)


def normal(password: str) -> str:
    """The one form of a password's Unicode that counts."""
    return unicodedata.normalize("NFC", password)
