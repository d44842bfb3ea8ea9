"""A conversation ends only with an outcome, and opens again when somebody has more to say."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.actions.thread_events import add_event
from messaging.bell import ring
from messaging.models import Closure, Conversation, EventKind, FollowUpOutcome, Outcome


@transaction.atomic
def close(conversation: Conversation, *, outcome: Outcome, by: Membership) -> None:
    """Close a conversation and settle what was still owed in it. Closing twice changes nothing."""
    row = Conversation.objects.locked(conversation.pk)
    closure, is_new = Closure.objects.get_or_create(
        conversation=row,
        defaults={"center_id": row.center_id, "outcome": outcome, "closed_by_id": by.staff_id},
    )
    if not is_new:
        return
    row.waiting_since = row.failed_at = row.snoozed_until = None
    row.closed_at = closure.closed_at
    add_event(row, EventKind.CLOSED, by=by, outcome=outcome)
    row.save(update_fields=["waiting_since", "failed_at", "snoozed_until", "closed_at", "sequence"])
    settled = row.follow_ups.open().update(
        settled_at=timezone.now(), settled_by=by.staff_id, outcome=FollowUpOutcome.CLOSED
    )
    facts: dict[str, str | int] = {"outcome": str(outcome), "settled": settled}
    record(Event.CLOSED, subject=row, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)


@transaction.atomic
def reopen(conversation: Conversation, *, by: Membership) -> None:
    """Open a closed conversation again. Opening an open one changes nothing."""
    row = Conversation.objects.locked(conversation.pk)
    if not Closure.objects.filter(conversation=row).delete()[0]:
        return
    row.closed_at = None
    add_event(row, EventKind.REOPENED, by=by)
    row.save(update_fields=["closed_at", "sequence"])
    record(Event.REOPENED, subject=row, conversation=row.pk, client=row.client_id)
    ring(row)
