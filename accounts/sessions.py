"""What a session remembers: when it began, when it was last used, and for which center."""

import time
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

STARTED, USED, CENTER, ENROLLING = "started_at", "used_at", "center", "enrolling"
NOTE_USE_EVERY = 60  # seconds; a write on every request would be a write for nothing


def start(session: SessionBase, center: UUID) -> None:
    """Both factors have passed: a new key, a clock that starts now, and one center."""
    session.cycle_key()
    session.pop(ENROLLING, None)
    session[STARTED] = session[USED] = int(time.time())
    session[CENTER] = str(center)


def is_over(session: SessionBase) -> bool:
    """Whether the session is too old, or was left alone for too long."""
    now = time.time()
    too_old = now - session.get(STARTED, 0) > settings.SESSION_COOKIE_AGE
    return too_old or now - session.get(USED, 0) > settings.SESSION_IDLE_SECONDS


def note_use(session: SessionBase) -> None:
    now = int(time.time())
    if now - session.get(USED, 0) >= NOTE_USE_EVERY:
        session[USED] = now


def center_of(session: SessionBase) -> str | None:
    return session.get(CENTER)
