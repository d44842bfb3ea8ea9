"""Follow-ups that people make and settle. Those that arise by themselves are in `follow_ups`."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.actions.assignment import hold
from messaging.bell import ring
from messaging.models import ABOUT_A_TEXT, Conversation, FollowUp, FollowUpKind, FollowUpOutcome


@transaction.atomic
def promise(conversation: Conversation, *, due_at: datetime, by: Membership) -> FollowUp:
    """Owe a client something by a time; whoever holds the conversation owns it, else the one who promised.

    Raises `WorksHereNoLonger`: nothing is owed by somebody who is gone.
    """
    hold(by)
    row = Conversation.objects.locked(conversation.pk)
    owed = FollowUp.objects.create(
        center_id=row.center_id,
        conversation=row,
        kind=FollowUpKind.PROMISE,
        owner_id=row.assignee_id or by.staff_id,
        due_at=due_at,
    )
    facts = {"kind": str(owed.kind)}
    record(Event.FOLLOWUP_OPENED, subject=owed, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)
    return owed


@transaction.atomic
def settle(owed: FollowUp, *, outcome: FollowUpOutcome, by: Membership) -> None:
    """End a follow-up with an outcome. Settling one that is settled changes nothing.

    An outcome for her unanswered words, her missed call, or for a text of ours that failed, also takes the
    conversation out of "Waiting" or "Failed": somebody has decided what becomes of it.
    """
    row = Conversation.objects.locked(owed.conversation_id)
    changed = (
        FollowUp.objects.open()
        .filter(pk=owed.pk)
        .update(settled_at=timezone.now(), settled_by=by.staff_id, outcome=outcome)
    )
    if not changed:
        return
    if owed.kind == FollowUpKind.REPLY or (owed.kind == FollowUpKind.MISSED_CALL and not _another_wait(row)):
        row.waiting_since = None
    elif owed.kind in ABOUT_A_TEXT and not _another_failure(row):
        row.failed_at = None
    row.save(update_fields=["waiting_since", "failed_at"])
    facts = {"kind": str(owed.kind), "outcome": str(outcome)}
    record(Event.FOLLOWUP_SETTLED, subject=owed, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)


def _another_wait(row: Conversation) -> bool:
    return row.follow_ups.open().filter(kind__in=[FollowUpKind.REPLY, FollowUpKind.MISSED_CALL]).exists()


def _another_failure(row: Conversation) -> bool:
    return row.follow_ups.open().filter(kind__in=ABOUT_A_TEXT).exists()
