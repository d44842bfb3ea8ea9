"""A conversation ends only with an outcome, and opens again when somebody has more to say."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.actions.clients import locked_with_number
from messaging.actions.epochs import end_epoch, go_on, newest_since
from messaging.actions.sharing import is_shared
from messaging.actions.thread_events import add_event
from messaging.bell import ring
from messaging.models import Closure, Conversation, Direction, EpochEnd, EventKind, FollowUpOutcome, Outcome, Status

TAKEN_BACK_WITHIN = timedelta(hours=1)  # later, somebody opens it again to write to her, and nothing is owed by that
OWED = ("waiting_since", "failed_at", "snoozed_until")


@transaction.atomic
def close(conversation: Conversation, *, outcome: Outcome, by: Membership) -> None:
    """Close a conversation and settle what was still owed in it. Closing twice changes nothing."""
    row = Conversation.objects.locked(conversation.pk)
    owed = {name: getattr(row, name) for name in OWED}
    closure, is_new = Closure.objects.get_or_create(
        conversation=row,
        defaults={"center_id": row.center_id, "outcome": outcome, "closed_by_id": by.staff_id, **owed},
    )
    if not is_new:
        return
    row.waiting_since = row.failed_at = row.snoozed_until = None
    row.closed_at = closure.closed_at
    add_event(row, EventKind.CLOSED, by=by, outcome=outcome)
    row.save(update_fields=[*OWED, "closed_at", "sequence"])
    settled = row.follow_ups.open().update(
        settled_at=timezone.now(), settled_by=by.staff_id, outcome=FollowUpOutcome.CLOSED
    )
    facts: dict[str, str | int] = {"outcome": str(outcome), "settled": settled}
    record(Event.CLOSED, subject=row, conversation=row.pk, client=row.client_id, facts=facts)
    if is_shared(row) and not row.messages.filter(direction=Direction.OUT, status=Status.QUEUED).exists():
        end_epoch(row, EpochEnd.SHARED)  # otherwise as somebody speaks: the last reply leaves still
    Closure.objects.filter(pk=row.pk).update(sequence=row.sequence)
    ring(row)


@transaction.atomic
def reopen(conversation: Conversation, *, by: Membership) -> bool:
    """Open a closed conversation again; opening an open one changes nothing.

    returns    whether that took the closing back: within an hour, when nothing was said since, she waits as she did and
               what was owed is owed again; on a shared phone the epoch goes on that the closing ended
    """
    row = locked_with_number(conversation)
    closure = Closure.objects.filter(conversation=row).first()
    if closure is None:
        return False
    is_fresh = closure.closed_at > timezone.now() - TAKEN_BACK_WITHIN and row.sequence == closure.sequence
    closure.delete()
    row.closed_at = None
    if is_fresh:
        _owe_again(row, closure)
        if row.epoch.end_reason == EpochEnd.SHARED and newest_since(row) is None:
            go_on(row, by=by)
    add_event(row, EventKind.REOPENED, by=by)
    row.save(update_fields=[*OWED, "closed_at", "sequence"])
    record(Event.REOPENED, subject=row, conversation=row.pk, client=row.client_id)
    ring(row)
    return is_fresh


def _owe_again(row: Conversation, closure: Closure) -> None:
    """What failed since it was closed stays so."""
    row.waiting_since, row.snoozed_until = closure.waiting_since, closure.snoozed_until
    row.failed_at = row.failed_at or closure.failed_at
    ended = row.follow_ups.filter(outcome=FollowUpOutcome.CLOSED, settled_at__gte=closure.closed_at)
    reopened = ended.update(settled_at=None, settled_by=None, outcome="")
    facts: dict[str, str | int] = {"count": reopened}
    record(Event.FOLLOWUP_REOPENED, subject=row, conversation=row.pk, client=row.client_id, facts=facts)
