"""Who is behind a socket. The answer is looked up when it opens and again every minute."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from channels.db import database_sync_to_async

from accounts import sessions
from accounts.members import member_behind
from accounts.session_store import SessionStore
from tenancy.scope import in_center


class SocketMember(NamedTuple):
    """As much of a member as a socket needs, by value: rows grow old while it is open."""

    session_key: str
    membership_id: UUID
    center_id: UUID
    staff_id: UUID
    is_supervisor: bool


async def member_of(scope: Mapping[str, Any]) -> SocketMember | None:
    """The member whose session opened this socket, or None before both factors have passed."""
    session = scope.get("session")
    key = session.session_key if session is not None else None
    return await database_sync_to_async(_member_of_session)(key) if key else None


def still_allowed(session_key: str, membership_id: UUID) -> SocketMember | None:
    """The member as she stands now, if the session that opened a socket lives and belongs to the same membership."""
    member = _member_of_session(session_key)
    return member if member is not None and member.membership_id == membership_id else None


def _member_of_session(key: str) -> SocketMember | None:
    session = SessionStore(key)
    proof = sessions.proof_of(session)
    if proof is None or sessions.is_over(session):
        return None
    with in_center(proof.center_id):
        member = member_behind(proof)
    if member is None:
        return None
    return SocketMember(key, member.pk, member.center_id, member.staff_id, member.is_supervisor)
