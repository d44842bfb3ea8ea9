"""What a session remembers: when it began, when it was last used, and for which center."""

import time
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django_otp import DEVICE_ID_SESSION_KEY

STARTED, USED, CENTER, ENROLLING, PROVED = "started_at", "used_at", "center", "enrolling", "proved_at"
BROWSER, ADDRESS = "browser", "address"
SEVERAL, LOCKED, OFF_SHIFT, ELSEWHERE = "several", "locked_at", "off_shift_at", "elsewhere"
STAYS_FRESH = 600  # seconds
NOTE_USE_EVERY = 60  # seconds; a write on every request would be a write for nothing


class Proof(NamedTuple):
    """What a session says of both factors. It holds only while the rows it names agree."""

    staff_id: UUID
    center_id: UUID
    password_hash: str
    device_id: str


def proof_of(session: SessionBase | dict[str, Any]) -> Proof | None:
    """The proof in a session that has passed both factors."""
    kept = [session.get(name) for name in (SESSION_KEY, CENTER, HASH_SESSION_KEY, DEVICE_ID_SESSION_KEY)]
    if not all(kept):
        return None
    staff, center, password_hash, device = map(str, kept)
    return Proof(UUID(staff), UUID(center), password_hash, device)


def start(session: SessionBase, center: UUID, *, several: bool = False) -> None:
    """Both factors have passed, and the session has its new key: a clock that starts now, and one center.

    several    whether this person works in more than one, and may change to another
    """
    session.pop(ENROLLING, None)
    session[STARTED] = session[USED] = session[PROVED] = int(time.time())
    session[CENTER], session[SEVERAL] = str(center), several


def move(session: SessionBase, center: UUID) -> None:
    """To another center of the same person, under a new key. The session grows no younger by it."""
    session.cycle_key()
    session[CENTER] = str(center)


def prove_anew(session: SessionBase) -> None:
    """A factor was given again: a new key, and fresh from now on. The session grows no older or younger by it."""
    session.pop(LOCKED, None)  # before the new row is written: a lock that is stored is carried over
    session.cycle_key()
    session[PROVED] = session[USED] = int(time.time())


def is_fresh(session: SessionBase) -> bool:
    """Whether a factor was given a moment ago."""
    return time.time() - int(session.get(PROVED, 0)) <= STAYS_FRESH


def is_over(session: SessionBase | dict[str, Any]) -> bool:
    """Whether the session is too old: one signs in anew."""
    return time.time() - int(session.get(STARTED, 0)) > settings.SESSION_COOKIE_AGE


def lock(session: SessionBase) -> None:
    """Nothing opens in it any more until a factor is given again."""
    session[LOCKED] = int(time.time())


def note_off_shift(session: SessionBase) -> None:
    """From now on nothing opens in it until the next hours of its person: on the record once, not at every request."""
    session[OFF_SHIFT] = int(time.time())


def is_locked(session: SessionBase | dict[str, Any], *, after: int) -> bool:
    """Whether somebody has locked the session, or it was left alone for longer than so many seconds."""
    return LOCKED in session or time.time() - int(session.get(USED, 0)) > after


def note_use(session: SessionBase, *, browser: str, address: str) -> None:
    """Keep when and where it was used last, for the list of one's sessions."""
    now = int(time.time())
    if now - session.get(USED, 0) >= NOTE_USE_EVERY or session.get(ADDRESS) != address:
        session[USED], session[BROWSER], session[ADDRESS] = now, browser, address
