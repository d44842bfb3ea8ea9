"""Sessions in the database, found by keys of the shape that we give out and by no others."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions


class SessionStore(DatabaseSessions):
    """A cookie can hold any byte, NUL too, which PostgreSQL refuses to look for: such a key is no key."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) == 32 and key.isascii() and key.isalnum()
