"""Sending once. Intent is committed before the call; an answer that says nothing is never a reason to call again."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.follow_ups import owe, settle_open
from messaging.actions.opt_outs import is_opted_out, opt_out
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import (
    Conversation,
    FollowUpKind,
    FollowUpOutcome,
    Line,
    Message,
    OptOutSource,
    Status,
)
from messaging.twilio import OPTED_OUT, Ambiguous, Busy, Listed, Refused, send_text, texts_sent_to
from tenancy.scope import in_center

SETTLE_AFTER = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5)]
A_PERSON_AFTER = timedelta(minutes=10)
CLOCKS_DIFFER = timedelta(minutes=5)


def deliver(center_id: UUID, message_id: UUID) -> None:
    """Send one queued message. May run twice: only the first one gets through the claim.

    Raises `Busy` when nothing was taken; the message waits again and may be tried again.
    """
    with in_center(center_id):
        message = _claim(message_id)
    if message is None:
        return
    try:
        sent = send_text(
            message.line,
            to=message.conversation.epoch.number.address,
            body=message.body,
            status_callback=_callback(message),
        )
    except Busy:
        with in_center(center_id):
            _move(message.pk, Status.SENDING, Status.QUEUED)
        raise
    except Refused as refusal:
        with in_center(center_id):
            fail(message.pk, Status.FAILED, refusal.code)
    except Ambiguous:
        with in_center(center_id):
            _not_sure(message.pk)
    else:
        with in_center(center_id):
            adopt(message.pk, sent.sid)


def _claim(message_id: UUID) -> Message | None:
    """queued → sending, committed before the call, with her stop checked under the same lock.

    A message that is `sending` already belongs to a worker that died during the call: nobody knows
    whether it was sent.
    """
    row = _locked_conversation_of(message_id)
    message = Message.objects.select_related("line", "conversation__epoch__number").get(pk=message_id)
    if message.status == Status.SENDING:
        _not_sure(message_id)
        return None
    if message.status != Status.QUEUED:
        return None
    if is_opted_out(row):
        fail(message_id, Status.FAILED, OPTED_OUT)
        return None
    message.status, message.sending_since = Status.SENDING, timezone.now()
    message.save(update_fields=["status", "sending_since"])
    ring(row)
    return message


def adopt(message_id: UUID, sid: str) -> None:
    """Twilio has taken the message under this id. A callback may have said so, and more, before."""
    row = _locked_conversation_of(message_id)
    message = Message.objects.get(pk=message_id)
    message.twilio_sid = sid
    if message.status in (Status.SENDING, Status.UNKNOWN):
        message.status = Status.ACCEPTED
    message.save(update_fields=["twilio_sid", "status"])
    _no_longer_unsure(row, message)
    record(Event.MESSAGE_SENT, subject=message, conversation=row.pk, client=row.client_id)
    ring(row)


def fail(message_id: UUID, status: Status, code: int | None) -> None:
    """The message did not reach her. Somebody is asked to look, and an opt-out told by the carrier stands."""
    row = _locked_conversation_of(message_id)
    message = Message.objects.get(pk=message_id)
    if Status(message.status).rank >= status.rank:
        return
    message.status, message.error_code = status, code
    message.save(update_fields=["status", "error_code"])
    if code == OPTED_OUT:
        opt_out(row, OptOutSource.CARRIER)
    _no_longer_unsure(row, message)
    owe(row, FollowUpKind.FAILED, message=message)
    row.failed_at = row.failed_at or timezone.now()
    row.save(update_fields=["failed_at", "sequence"])
    facts = {"status": str(status), "code": code}
    record(Event.MESSAGE_FAILED, subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)


def _not_sure(message_id: UUID) -> None:
    """It may have been sent. Look at Twilio a few times; after ten minutes ask a person."""
    row = _locked_conversation_of(message_id)
    if not _move(message_id, Status.SENDING, Status.UNKNOWN):
        return
    message, now = Message.objects.get(pk=message_id), timezone.now()
    for delay in SETTLE_AFTER:
        enqueue(Work.SETTLE, message_id, center=row.center_id, run_at=now + delay)
    enqueue(
        Work.ASK_A_PERSON,
        message_id,
        center=row.center_id,
        run_at=now + A_PERSON_AFTER,
        dedupe=f"unsure:{message_id}:{now.isoformat()}",
    )
    record(Event.MESSAGE_UNKNOWN, subject=message, conversation=row.pk, client=row.client_id)
    ring(row)


def settle(center_id: UUID, message_id: UUID) -> None:
    """Find a text of which we are not sure in Twilio's list. Raises `Busy` when the list cannot be had."""
    with in_center(center_id):
        message = _unknown(message_id)
        if message is None:
            return
        line, number, body = message.line, message.conversation.epoch.number.address, message.body
        since = (message.sending_since or message.created_at) - CLOCKS_DIFFER
    listed = texts_sent_to(line, to=number, since=since)
    with in_center(center_id):
        found = [text for text in listed if text.body == body and not _is_another(line, text, message_id)]
        if found and _unknown(message_id):
            adopt(message_id, found[0].sid)
            record(Event.MESSAGE_SETTLED, subject=message, conversation=message.conversation_id)


def ask_a_person(center_id: UUID, message_id: UUID) -> None:
    """Nothing has settled it for ten minutes: somebody decides, with plain words in the thread."""
    with in_center(center_id):
        row = _locked_conversation_of(message_id)
        message = _unknown(message_id)
        if message is None:
            return
        owe(row, FollowUpKind.UNSURE, message=message, due_at=timezone.now())
        row.failed_at = row.failed_at or timezone.now()
        row.save(update_fields=["failed_at"])
        ring(row)


@transaction.atomic
def decide_unknown(message: Message, *, by: Membership, resend: bool) -> bool:
    """A person decides about a text of which nobody is sure; False when it was settled meanwhile.

    Sending again is her choice alone: it may then arrive twice, and the page says so.
    """
    row = _locked_conversation_of(message.pk)
    if not _move(message.pk, Status.UNKNOWN, Status.QUEUED if resend else Status.FAILED):
        return False
    fresh = Message.objects.get(pk=message.pk)
    if resend:
        enqueue(Work.DELIVER, fresh.pk, center=row.center_id)
    _no_longer_unsure(row, fresh, by_id=by.staff_id)
    facts = {"resend": resend}
    record(Event.MESSAGE_SETTLED, subject=fresh, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)
    return True


def _no_longer_unsure(row: Conversation, message: Message, by_id: UUID | None = None) -> None:
    settled = settle_open(row, FollowUpKind.UNSURE, by_id=by_id, outcome=FollowUpOutcome.NOT_NEEDED, message=message)
    if settled and not row.follow_ups.open().filter(kind=FollowUpKind.FAILED).exists():
        row.failed_at = None
        row.save(update_fields=["failed_at"])


def _unknown(message_id: UUID) -> Message | None:
    messages = Message.objects.select_related("line", "conversation__epoch__number")
    return messages.filter(pk=message_id, status=Status.UNKNOWN).first()


def _is_another(line: Line, text: Listed, message_id: UUID) -> bool:
    """Whether a listed text is one that another message of ours has taken already."""
    return Message.objects.filter(line=line, twilio_sid=text.sid).exclude(pk=message_id).exists()


def _move(message_id: UUID, before: Status, after: Status) -> bool:
    """Compare and set: of two that would move a message on, one does."""
    return bool(Message.objects.filter(pk=message_id, status=before).update(status=after))


def _locked_conversation_of(message_id: UUID) -> Conversation:
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("epoch__number", "center")
    return rows.get(messages=message_id)


def _callback(message: Message) -> str:
    """Where Twilio reports: our own id stands in the address, so no report is ever without its message."""
    return f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{message.line_id}/status?message={message.pk}"
