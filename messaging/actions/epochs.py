"""What ends the time in which a number reaches a client, what takes that back, and how it begins anew.

A number is not an identity. Whoever writes from it after its epoch has ended begins an empty conversation, and nothing
of the ended one is sent any more: whatever would leave by itself is stopped here, and each sending path looks at
`Conversation.ended_at` under the lock that an ending holds.
"""

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.actions.assignment import hold
from messaging.actions.clients import begin_epoch, locked_with_number
from messaging.actions.later import hold_back_later
from messaging.actions.statuses import fail
from messaging.actions.thread_events import add_event
from messaging.actions.withholding import withhold
from messaging.bell import ring
from messaging.models import (
    Conversation,
    Direction,
    EpochEnd,
    EventKind,
    Held,
    Message,
    NumberEpoch,
    Status,
)
from messaging.models.failure import NUMBER_ENDED

BY_ITSELF = {
    EpochEnd.SILENCE: EventKind.SILENT,
    EpochEnd.WRONG_NUMBER: EventKind.SAID_WRONG,
    EpochEnd.CARRIER: EventKind.NO_PHONE,
    EpochEnd.NEW_OWNER: EventKind.NEW_OWNER,
    EpochEnd.SHARED: EventKind.EXCHANGE_END,
}
BY_STAFF = {**BY_ITSELF, EpochEnd.WRONG_NUMBER: EventKind.MARKED_WRONG, EpochEnd.SHARED: EventKind.SHARED}


class NumberTaken(Exception):
    """The number has begun to reach somebody else since; `conversation` is the one held with them."""

    def __init__(self, conversation: Conversation) -> None:
        super().__init__()
        self.conversation = conversation


class MarkedWrong(Exception):
    """The number was never hers, or is hers no more, as somebody said: that is taken back first, or it stays so."""


def end_epoch(row: Conversation, reason: EpochEnd, *, by: Membership | None = None) -> bool:
    """End the time in which this conversation's number reaches her; False when it has ended already.

    The caller holds the conversation's lock. What would have left by itself is held back, and the thread says so.

    by    whoever of the staff says so; None: her own words, silence, or the carrier
    """
    if row.ended_at is not None:
        return False
    row.ended_at = timezone.now()
    epoch = NumberEpoch.objects.filter(pk=row.epoch_id)
    epoch.update(ended_at=row.ended_at, end_reason=reason, ended_by=by.staff_id if by else None)
    add_event(row, (BY_STAFF if by else BY_ITSELF)[reason], by=by)
    row.save(update_fields=["ended_at", "sequence"])
    _stop_what_would_leave(row)
    facts = {"reason": str(reason)}
    subject = NumberEpoch(pk=row.epoch_id)
    record(Event.NUMBER_EPOCH_ENDED, subject=subject, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)
    return True


def _stop_what_would_leave(row: Conversation) -> None:
    for message in row.messages.filter(direction=Direction.OUT, status=Status.QUEUED):
        keep_from_leaving(row, message)
    for later in row.later_texts.open().filter(held_at=None):
        hold_back_later(row, later, Held.NUMBER_ENDED)


def keep_from_leaving(row: Conversation, message: Message) -> None:
    """Have a text that waits stay here: a person's as one that failed, with the reason; an automatic one held back."""
    if message.is_automatic:
        withhold(row, message, "number_ended")
    else:
        fail(row, message.pk, Status.FAILED, NUMBER_ENDED)


@transaction.atomic
def mark_ended(conversation: Conversation, reason: EpochEnd, *, by: Membership) -> bool:
    """Somebody of the staff says that the number is not hers; False when it had ended already."""
    return end_epoch(Conversation.objects.locked(conversation.pk), reason, by=by)


@transaction.atomic
def revive(conversation: Conversation, *, by: Membership) -> None:
    """Take back an ending that was a mistake: the number reaches her as before. Of one that goes on, nothing changes.

    What was held back stays so: a person looks at it once more. Raises `NumberTaken` when another epoch of the number
    has begun since.
    """
    row = locked_with_number(conversation)
    if row.ended_at is None:
        return
    if newer := newest_since(row):
        raise NumberTaken(newer)
    go_on(row, by=by)


def go_on(row: Conversation, *, by: Membership) -> None:
    """An ended epoch goes on. The caller holds the locks of `locked_with_number`; nobody had the number since."""
    row.ended_at = None
    NumberEpoch.objects.filter(pk=row.epoch_id).update(ended_at=None, end_reason="", ended_by=None)
    add_event(row, EventKind.REVIVED, by=by)
    row.save(update_fields=["ended_at", "sequence"])
    subject = NumberEpoch(pk=row.epoch_id)
    record(Event.NUMBER_EPOCH_REVIVED, subject=subject, conversation=row.pk, client=row.client_id)
    ring(row)


@transaction.atomic
def begin_again(conversation: Conversation, *, by: Membership) -> Conversation:
    """Begin a new conversation with the client of an ended one, held by this person, so that she can be written to.

    Asked twice, it returns the first one; of a number that reaches her still, the conversation itself.

    raises    `NumberTaken` when the number has begun to reach somebody else; `MarkedWrong` when it ended because it is
              not hers; `WorksHereNoLonger`
    """
    hold(by)
    row = locked_with_number(conversation)
    if row.ended_at is None:
        return row
    newer = newest_since(row)
    if newer is not None and newer.client_id != row.client_id:
        raise NumberTaken(newer)
    if newer is not None and newer.ended_at is None:
        return newer
    if _end_of(row).may_be_a_mistake:
        raise MarkedWrong
    fresh = begin_epoch(row.epoch.number, row.client, line_id=row.line_id, assignee_id=by.staff_id)
    for either in (row, fresh):
        add_event(either, EventKind.BEGUN_AGAIN, by=by)
        either.save(update_fields=["sequence"])
        ring(either)
    return fresh


def _end_of(row: Conversation) -> EpochEnd:
    """By what it ended. What was joined to the locked row is as it was before the wait for the lock."""
    return EpochEnd(NumberEpoch.objects.values_list("end_reason", flat=True).get(pk=row.epoch_id))


def newest_since(row: Conversation) -> Conversation | None:
    """The latest conversation that began with the same number after this one."""
    since = Conversation.objects.filter(
        epoch__number=row.epoch.number_id, epoch__started_at__gt=row.epoch.started_at
    ).order_by("-epoch__started_at")
    return since.first()
