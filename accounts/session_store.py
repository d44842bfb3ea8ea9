"""Sessions in the database, found by keys of the shape that we give out and by no others.

A row is kept under a hash of its key (AUTH-10): whoever reads the table, or a copy of it, can enter nowhere.
"""

from hashlib import blake2b
from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.sessions import LOCKED


def kept_as(key: str) -> str:
    """Under what a session is kept: 160 bits in hex, as long as the column."""
    return blake2b(key.encode(), digest_size=20, person=b"session").hexdigest()


class SessionStore(DatabaseSessions):
    """A cookie can hold any byte, NUL too, which PostgreSQL refuses to look for: such a key is no key."""

    _known_lock: int | None = None  # as it was stored when this request looked last
    _is_new = False  # made by this request: nobody else knows its key yet

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) == 32 and key.isascii() and key.isalnum()

    def _get_session_from_db(self) -> Any:
        living = self.model.objects.filter(expire_date__gt=timezone.now())
        row = living.filter(session_key=kept_as(self.session_key)).first() if self.session_key else None
        if row is None:
            self._session_key = None
        return row

    def _get_new_session_key(self) -> str:
        """Whether it is new shows when it is written: two equal ones of 165 random bits are not looked for before."""
        return get_random_string(32, VALID_KEY_CHARS)

    def exists(self, session_key: str) -> bool:
        return super().exists(kept_as(session_key))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(kept_as(key))

    def load(self) -> dict[str, Any]:
        kept: dict[str, Any] = super().load()
        self._known_lock = kept.get(LOCKED)
        return kept

    def save(self, must_create: bool = False) -> None:
        """Write it, with a lock that another request has set meanwhile.

        A row that was deleted meanwhile stays deleted: Django raises `UpdateError` then.
        """
        if must_create or self._is_new:
            super().save(must_create)
        else:
            with transaction.atomic():
                self._take_over_lock()
                super().save()
        self._is_new = self._is_new or must_create
        self._known_lock = self.get(LOCKED)

    def cycle_key(self) -> None:
        """To another key: what is locked stays so, and what somebody has ended meanwhile does not live on under it."""
        if self._is_new:
            super().cycle_key()
            return
        with transaction.atomic():
            had_a_row = not self.is_empty() and self.session_key is not None
            if not self._take_over_lock() and had_a_row:
                raise SessionInterrupted("This session was ended while the request was under way.")
            super().cycle_key()

    def _take_over_lock(self) -> bool:
        """Whether there is a stored row, which is locked now until this transaction ends, and so cannot be otherwise.

        A lock that this request has seen, and has taken off since, is not taken over: its person proved herself.
        """
        row = self.model.objects.select_for_update().filter(session_key=kept_as(self.session_key or "")).first()
        lock = self.decode(row.session_data).get(LOCKED) if row else None
        if lock and lock != self._known_lock:
            self[LOCKED] = lock
        return row is not None

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = kept_as(row.session_key)
        return row
