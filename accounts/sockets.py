"""Who is behind a socket. The answer is looked up when it opens and again every few seconds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from channels.db import database_sync_to_async
from django.utils import timezone

from accounts import sessions
from accounts.keeping_out import lacks_passkey
from accounts.members import member_behind
from accounts.models import Membership
from accounts.roles import Permission
from accounts.session_store import SessionStore, kept_as
from tenancy.scope import in_center


class SocketMember(NamedTuple):
    """As much of a member as a socket needs, by value: rows grow old while it is open."""

    session_key: str
    membership_id: UUID
    center_id: UUID
    staff_id: UUID
    sees_all: bool
    networks: tuple[str, ...]


async def member_of(scope: Mapping[str, Any]) -> SocketMember | None:
    """The member whose session opened this socket, or None before both factors have passed."""
    session = scope.get("session")
    key = session.session_key if session is not None else None
    return (await database_sync_to_async(members_of)([key])).get(key) if key else None


def members_of(keys: Iterable[str]) -> dict[str, SocketMember]:
    """The members behind these sessions as they stand now; one that is over or proves nothing is left out.

    Whoever may read no conversation, or is outside her hours, hears of none. One query finds all sessions, and
    whoever has several is looked up once: a thousand sockets belong to few people.
    """
    found: dict[str, SocketMember] = {}
    proofs, now = _proofs(keys), timezone.now()
    center_of = attrgetter("center_id")
    for center_id, here in groupby(sorted(proofs, key=center_of), key=center_of):
        with in_center(center_id):
            for proof in here:
                member = member_behind(proof)
                if member and _hears(member, proof, now):
                    found |= dict(_of(member, proofs[proof]))
    return found


def _of(member: Membership, held: dict[str, dict[str, Any]]) -> Iterator[tuple[str, SocketMember]]:
    """What stands for a member in each of her sessions that is not locked."""
    here = (member.pk, member.center_id, member.staff_id, member.sees_all, tuple(member.center.networks))
    idle = member.center.idle_seconds
    for key, kept in held.items():
        if not sessions.is_locked(kept, after=idle):
            yield key, SocketMember(key, *here)


def _hears(member: Membership, proof: sessions.Proof, now: datetime) -> bool:
    is_in = member.standing(now).is_on and not lacks_passkey(proof.device_id, member)
    return is_in and member.may(Permission.CONVERSATIONS)


def _proofs(keys: Iterable[str]) -> dict[sessions.Proof, dict[str, dict[str, Any]]]:
    """What the living ones of these sessions prove, each with the sessions that do and what they hold."""
    wanted = {kept_as(key): key for key in keys if SessionStore(key).session_key}  # not one that cannot be
    living = SessionStore.get_model_class().objects.filter(session_key__in=wanted, expire_date__gt=timezone.now())
    proofs: dict[sessions.Proof, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in living:
        kept = row.get_decoded()
        proof = sessions.proof_of(kept)
        if proof is not None and not sessions.is_over(kept):
            proofs[proof][wanted[row.session_key]] = kept
    return proofs
