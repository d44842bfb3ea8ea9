"""Follow-ups that arise by themselves. The caller holds the conversation's lock."""

from datetime import datetime

from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging.actions.opening import schedule_of
from messaging.models import Conversation, FollowUp, FollowUpKind, FollowUpOutcome, Message

ANSWER_WITHIN = 15  # minutes of opening


def owe(
    row: Conversation, kind: FollowUpKind, *, message: Message | None = None, due_at: datetime | None = None
) -> FollowUp | None:
    """Open a follow-up for whoever holds the conversation; None when the same one is open already.

    due_at    default: after fifteen minutes of opening
    """
    if due_at is None:
        due_at = schedule_of(row.center).after_open_minutes(timezone.now(), ANSWER_WITHIN)
    owed = FollowUp(
        center_id=row.center_id,
        conversation=row,
        kind=kind,
        owner_id=row.assignee_id,
        message=message,
        due_at=due_at,
    )
    FollowUp.objects.bulk_create([owed], ignore_conflicts=True)
    if not FollowUp.objects.filter(pk=owed.pk).exists():
        return None
    record(
        Event.FOLLOWUP_OPENED,
        subject=owed,
        conversation=row.pk,
        client=row.client_id,
        facts={"kind": str(kind)},
    )
    return owed


def settle_open(
    row: Conversation,
    *kinds: FollowUpKind,
    by_id: object,
    outcome: FollowUpOutcome,
    message: Message | None = None,
) -> int:
    """Settle the open follow-ups of these kinds; return how many."""
    owed = row.follow_ups.open().filter(kind__in=kinds)
    if message is not None:
        owed = owed.filter(message=message)
    settled = owed.update(settled_at=timezone.now(), settled_by=by_id, outcome=outcome)
    if settled:
        facts: dict[str, str | int] = {"outcome": str(outcome), "count": settled}
        record(Event.FOLLOWUP_SETTLED, subject=row, conversation=row.pk, client=row.client_id, facts=facts)
    return settled
