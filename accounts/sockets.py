"""Who is behind a socket. The answer is looked up when it opens and again every minute."""

from typing import Any, NamedTuple
from uuid import UUID

from channels.db import database_sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import sessions
from accounts.models import Membership, Staff
from tenancy.scope import in_platform


class SocketMember(NamedTuple):
    """As much of a member as a socket needs, by value: rows grow old while it is open."""

    session_key: str
    membership_id: UUID
    center_id: UUID
    staff_id: UUID
    is_supervisor: bool


async def member_of(scope: dict[str, Any]) -> SocketMember | None:
    """The member whose session opened this socket, or None before both factors have passed."""
    session = scope.get("session")
    key = session.session_key if session is not None else None
    return await database_sync_to_async(_member_of_session)(key) if key else None


def still_allowed(session_key: str, membership_id: UUID) -> bool:
    """Whether the session that opened a socket still lives and belongs to the same membership."""
    member = _member_of_session(session_key)
    return member is not None and member.membership_id == membership_id


def _member_of_session(key: str) -> SocketMember | None:
    session = SessionStore(key)
    staff = _staff_of(session)
    if staff is None or sessions.is_over(session):
        return None
    with in_platform():
        mine = Membership.objects.current().filter(staff=staff, center=sessions.center_of(session))
        membership = mine.first()
    if membership is None:
        return None
    return SocketMember(key, membership.pk, membership.center_id, staff.pk, membership.is_supervisor)


def _staff_of(session: SessionBase) -> Staff | None:
    """The person whose password, at its present value, and second factor opened this session."""
    if not (session.get(BACKEND_SESSION_KEY) and session.get(DEVICE_ID_SESSION_KEY)):
        return None
    staff = Staff.objects.filter(pk=session[SESSION_KEY], is_active=True).first()
    if staff is None:
        return None
    is_same = constant_time_compare(session.get(HASH_SESSION_KEY, ""), staff.get_session_auth_hash())
    return staff if is_same else None
