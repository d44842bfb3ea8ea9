"""Where somebody is signed in, and signing her out there. A session goes by what it is kept as, never by its key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import sessions
from accounts.models import Membership, Staff
from accounts.session_store import SessionStore, kept_as
from accounts.signals import access_ended
from audit.events import Event
from audit.record import record


@dataclass(frozen=True)
class Desk:
    """One browser in which somebody is signed in."""

    name: str  # what the session is kept as
    browser: str
    address: str
    since: datetime
    used: datetime


def desks_of(member: Membership) -> list[Desk]:
    """Where this person is signed in to this center now, the last used first. It reads all living sessions: few."""
    found = [_desk(row.session_key, kept) for row, kept in _sessions_of(member)]
    return sorted(found, key=lambda desk: desk.used, reverse=True)


@transaction.atomic
def sign_out_at(member: Membership, name: str) -> bool:
    """End one session of this person in this center; False when there is none of this name."""
    return _end(member, [row for row, _ in _sessions_of(member) if constant_time_compare(row.session_key, name)])


@transaction.atomic
def sign_out_everywhere(member: Membership, *, but: str = "") -> bool:
    """End all sessions of this person in this center, but the named one; False when there is none."""
    return _end(member, [row for row, _ in _sessions_of(member) if not constant_time_compare(row.session_key, but)])


def forget_sessions(staff: Staff) -> None:
    """End every session of a person, wherever it is: in the caller's transaction, which says why."""
    living = SessionStore.get_model_class().objects.filter(expire_date__gt=timezone.now())
    hers = [row.pk for row in living.iterator() if row.get_decoded().get(SESSION_KEY) == str(staff.pk)]
    SessionStore.get_model_class().objects.filter(pk__in=hers).delete()


def _end(member: Membership, rows: list[Any]) -> bool:
    if not rows:
        return False
    SessionStore.get_model_class().objects.filter(pk__in=[row.pk for row in rows]).delete()
    record(Event.SESSION_ENDED, subject=member.staff, center=member.center_id, facts={"count": len(rows)})
    access_ended.send(sender=Staff, staff_id=member.staff_id)
    return True


def _sessions_of(member: Membership) -> Iterator[tuple[Any, dict[str, Any]]]:
    living = SessionStore.get_model_class().objects.filter(expire_date__gt=timezone.now())
    for row in living.iterator():
        kept = row.get_decoded()
        proof = sessions.proof_of(kept)
        is_hers = proof is not None and (proof.staff_id, proof.center_id) == (member.staff_id, member.center_id)
        if is_hers and not sessions.is_over(kept):
            yield row, kept


def _desk(name: str, kept: dict[str, Any]) -> Desk:
    since, used = (datetime.fromtimestamp(kept[key], UTC) for key in (sessions.STARTED, sessions.USED))
    return Desk(name, kept.get(sessions.BROWSER, ""), kept.get(sessions.ADDRESS, ""), since, used)


def name_of(session: SessionBase) -> str:
    """What a session that somebody uses just now is kept as."""
    return kept_as(session.session_key or "")
