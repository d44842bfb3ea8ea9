"""Where a text of ours stands. Reports of it come late, doubled and out of order; it only ever rises.

The caller holds the conversation's lock (`lock_around`) and takes it before it touches the message: always in
this order, so that nobody waits for somebody who waits for him.
"""

from uuid import UUID

from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging.actions.follow_ups import owe, settle_open
from messaging.actions.opt_outs import opt_out
from messaging.bell import ring
from messaging.models import (
    ABOUT_A_TEXT,
    Conversation,
    Direction,
    FollowUpKind,
    FollowUpOutcome,
    Message,
    OptOutSource,
    Status,
)
from messaging.models.message import FAILURES
from messaging.twilio import OPTED_OUT

SAID_BY_TWILIO = {
    "accepted": Status.ACCEPTED,
    "scheduled": Status.ACCEPTED,
    "queued": Status.ACCEPTED,
    "sending": Status.ACCEPTED,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
    "read": Status.READ,
}


def lock_around(message_id: UUID) -> Conversation:
    """The conversation of a message, its row locked: the one that it is in then, if it moved while this waited."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("epoch__number", "center")
    row = rows.get(messages=message_id)
    return row if row.messages.filter(pk=message_id).exists() else rows.get(messages=message_id)


def move(message_id: UUID, before: Status, after: Status) -> bool:
    """Compare and set: of two that would move a message on, one does."""
    return bool(Message.objects.filter(pk=message_id, status=before).update(status=after))


def adopt(row: Conversation, message_id: UUID, sid: str) -> None:
    """Twilio has taken the message under this id. Its answer and a callback may both say so; once counts.

    Both carry our own id, so they overrule what Twilio's list made us guess of two texts with equal words.
    """
    nameless = Message.objects.filter(pk=message_id, twilio_sid=None)
    line = nameless.values_list("line", flat=True).first()
    if line is None:
        return
    row.messages.filter(line=line, twilio_sid=sid, direction=Direction.OUT).update(twilio_sid=None)
    if Message.objects.filter(line=line, twilio_sid=sid).exists():
        return
    nameless.update(twilio_sid=sid)
    record(Event.MESSAGE_SENT, subject=_subject(message_id), conversation=row.pk, client=row.client_id)
    _rise(row, message_id, Status.ACCEPTED)


def heed_twilio(row: Conversation, message_id: UUID, said: str, code: int | None) -> None:
    """Rise to what Twilio says of a message. A word that we do not know changes nothing."""
    status = SAID_BY_TWILIO.get(said)
    if status in FAILURES:
        fail(row, message_id, status, code)
    elif status is not None:
        _rise(row, message_id, status)


def fail(row: Conversation, message_id: UUID, status: Status, code: int | None) -> None:
    """The message did not reach her: somebody is asked to look. An opt-out that the carrier tells of stands."""
    if not _lift(message_id, status, code):
        return
    if code == OPTED_OUT:
        opt_out(row, OptOutSource.CARRIER)
    message = _subject(message_id)
    _settle(row, message, FollowUpKind.UNSURE)
    still_failed(row, message_id)
    facts = {"status": str(status), "code": code}
    record(Event.MESSAGE_FAILED, subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)


def still_failed(row: Conversation, message_id: UUID) -> None:
    """Somebody has to look at a text that did not reach her."""
    owe(row, FollowUpKind.FAILED, message=_subject(message_id))
    row.failed_at = row.failed_at or timezone.now()
    row.save(update_fields=["failed_at", "sequence"])


def no_longer_in_doubt(row: Conversation, message: Message, by_id: UUID | None = None) -> None:
    """What was owed because of this message is owed no more; the conversation leaves "Failed" if that was all."""
    if not _settle(row, message, *ABOUT_A_TEXT, by_id=by_id):
        return
    if not row.follow_ups.open().filter(kind__in=ABOUT_A_TEXT).exists():
        row.failed_at = None
        row.save(update_fields=["failed_at"])


def _rise(row: Conversation, message_id: UUID, status: Status) -> None:
    if not _lift(message_id, status, None):
        return
    message = _subject(message_id)
    no_longer_in_doubt(row, message)
    if status == Status.DELIVERED:
        record(Event.MESSAGE_DELIVERED, subject=message, conversation=row.pk, client=row.client_id)
    ring(row)


def _lift(message_id: UUID, status: Status, code: int | None) -> bool:
    """One compare-and-set: only a message of a lower rank moves, so no report moves it back."""
    lower = [known for known in Status if known.rank < status.rank]
    lowly = Message.objects.filter(pk=message_id, status__in=lower)
    return bool(lowly.update(status=status, error_code=code))


def _settle(row: Conversation, message: Message, *kinds: FollowUpKind, by_id: UUID | None = None) -> int:
    return settle_open(row, *kinds, by_id=by_id, outcome=FollowUpOutcome.NOT_NEEDED, message=message)


def _subject(message_id: UUID) -> Message:
    """The row that an entry of the log or a follow-up points to; its words are not read."""
    return Message(pk=message_id)
