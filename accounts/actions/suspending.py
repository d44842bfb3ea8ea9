"""Keeping somebody out for a while: like ending her work, but it can be taken up again with all she signs in by."""

from django.utils import timezone

from accounts.actions.desks import sign_out_everywhere
from accounts.actions.people import keep_an_admin, locked
from accounts.actions.telling import tell
from accounts.models import Membership
from accounts.notices import Notice
from accounts.signals import access_ended, gives_up_conversations
from audit.events import Event
from audit.guard import audited
from audit.record import record
from audit.sealing import refuse_while_the_log_stands_still, seal_before_the_answer


class NotOneself(Exception):
    """Nobody suspends herself: she could not take it back."""


def suspend(membership: Membership, *, by: Membership) -> bool:
    """Keep somebody out until she is taken up again; False when somebody else was faster.

    Her sessions in this center end, what she held goes back to everybody, her ways of signing in and her hours stay.
    Raises `LastAdmin`, `NotOneself` or `MayNoLonger`.
    """
    refuse_while_the_log_stands_still()
    with audited(Event.STAFF_SUSPENDED):
        row = locked(membership, by=by)
        if row.ended_at or row.suspended_at:
            return False
        if row.pk == by.pk:
            raise NotOneself
        keep_an_admin(row)
        row.suspended_at, row.suspended_by = timezone.now(), by.staff
        row.save(update_fields=["suspended_at", "suspended_by"])
        seal_before_the_answer(record(Event.STAFF_SUSPENDED, subject=row))
        tell(row.staff, Notice.ACCESS_SUSPENDED)
        gives_up_conversations.send(sender=Membership, membership=row, by=by)
        sign_out_everywhere(row)
        access_ended.send(sender=Membership, staff_id=row.staff_id)
    return True


def resume(membership: Membership, *, by: Membership) -> bool:
    """Let somebody in again as before; False when she was in already. Raises `MayNoLonger`."""
    refuse_while_the_log_stands_still()
    with audited(Event.STAFF_RESUMED):
        row = locked(membership, by=by)
        if row.ended_at or row.suspended_at is None:
            return False
        row.suspended_at = row.suspended_by = None
        row.save(update_fields=["suspended_at", "suspended_by"])
        seal_before_the_answer(record(Event.STAFF_RESUMED, subject=row))
        tell(row.staff, Notice.ACCESS_RESUMED)
    return True
