"""Sending once. Intent is committed before the call; an answer that says nothing is never a reason to call again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Permission
from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.epochs import keep_from_leaving
from messaging.actions.follow_ups import owe
from messaging.actions.opt_outs import is_opted_out
from messaging.actions.pausing import Paused, note_answer, note_failure, stop, wait_while_paused
from messaging.actions.picture_addresses import addresses_for
from messaging.actions.statuses import adopt, fail, lock_around, move
from messaging.actions.unreachable import heed_failure
from messaging.actions.withholding import hold_back
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import Conversation, FollowUpKind, Message, Status
from messaging.models.failure import WRITER_GONE
from messaging.models.message import A_PERSON_AFTER
from messaging.twilio import OPTED_OUT, AccountRefused, Ambiguous, Busy, Door, Refused, door_to, send_text
from tenancy.scope import in_center

SETTLE_AFTER = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5)]


@dataclass(frozen=True)
class Outgoing:
    """All that a call needs, opened before the claim is committed: what cannot be opened is never claimed."""

    door: Door
    to: str = field(repr=False)
    body: str = field(repr=False)
    pictures: list[str] = field(repr=False)  # where Twilio may fetch them
    callback: str
    written_at: datetime
    tried_before: datetime | None  # an earlier try of which nobody knows what became of it


def deliver(center_id: UUID, message_id: UUID) -> None:
    """Send one queued message. May run twice: only the first one gets through the claim.

    Raises `Busy` when nothing was taken and `Paused` when nothing is tried now; either way the message waits.
    """
    with in_center(center_id):
        outgoing = _claim(message_id)
    if outgoing is None:
        return
    try:
        sent = send_text(
            outgoing.door,
            to=outgoing.to,
            body=outgoing.body,
            pictures=outgoing.pictures,
            status_callback=outgoing.callback,
        )
    except Busy:
        with in_center(center_id):
            _wait_again(message_id, outgoing)
            until = note_failure(outgoing.door, outgoing.written_at)
        if until:
            raise Paused(until) from None
        raise
    except AccountRefused as refusal:
        with in_center(center_id):
            row = lock_around(message_id)
            _wait_again(message_id, outgoing)
            until = stop(row, Message.objects.select_related("line").get(pk=message_id), refusal.code)
        raise Paused(until) from None
    except Refused as refusal:
        with in_center(center_id):
            note_answer(outgoing.door)
            row = lock_around(message_id)
            fail(row, message_id, Status.FAILED, refusal.code)
            heed_failure(row, refusal.code)
    except Ambiguous:
        with in_center(center_id):
            not_sure(lock_around(message_id), message_id)
            note_failure(outgoing.door, outgoing.written_at)
    else:
        with in_center(center_id):
            note_answer(outgoing.door)
            adopt(lock_around(message_id), message_id, sent.sid)


def _claim(message_id: UUID) -> Outgoing | None:
    """queued → sending, committed before the call, with her stop and the end of her number checked under one lock.

    A message that is `sending` already belongs to a worker that died during the call: nobody knows
    whether it was sent.
    """
    row = lock_around(message_id)
    message = Message.objects.select_related("line").get(pk=message_id)
    if message.status == Status.SENDING:
        not_sure(row, message_id)
        return None
    if message.status != Status.QUEUED:
        return None
    if row.ended_at is not None:
        keep_from_leaving(row, message)
        return None
    if is_opted_out(row):
        fail(row, message_id, Status.FAILED, OPTED_OUT)
        return None
    if hold_back(row, message):
        return None
    if message.is_stale:
        _ask_whether_still(row, message)
        return None
    if not _may_be_spoken_for(message):
        fail(row, message_id, Status.FAILED, WRITER_GONE)
        return None
    wait_while_paused(message)
    outgoing = Outgoing(
        door=door_to(message.line),
        to=row.epoch.number.address,
        body=message.body,
        pictures=addresses_for(message),
        callback=_callback(message),
        written_at=message.created_at,
        tried_before=message.sending_since,
    )
    message.status, message.sending_since = Status.SENDING, timezone.now()
    message.save(update_fields=["status", "sending_since"])
    ring(row)
    return outgoing


def _may_be_spoken_for(message: Message) -> bool:
    """Whether she who wrote it may still write to clients, if it leaves by her word alone (AUTHZ-09)."""
    if message.is_automatic or message.was_decided_on:
        return True
    writers = Membership.objects.current().who_may(Permission.CONVERSATIONS)
    return writers.filter(center=message.center_id, staff=message.author_id).exists()


def _wait_again(message_id: UUID, outgoing: Outgoing) -> None:
    waiting = Message.objects.filter(pk=message_id, status=Status.SENDING)
    waiting.update(status=Status.QUEUED, sending_since=outgoing.tried_before)


def _ask_whether_still(row: Conversation, message: Message) -> None:
    """Words of yesterday may be wrong today: a person decides, with plain words in the thread."""
    owe(row, FollowUpKind.STALE, message=message, due_at=timezone.now())
    row.failed_at = row.failed_at or timezone.now()
    row.save(update_fields=["failed_at"])
    ring(row)


def not_sure(row: Conversation, message_id: UUID) -> None:
    """It may have been sent. Look at Twilio a few times; after ten minutes ask a person."""
    if not move(message_id, Status.SENDING, Status.UNKNOWN):
        return
    now = timezone.now()
    for delay in SETTLE_AFTER:
        enqueue(Work.SETTLE, message_id, center=row.center_id, run_at=now + delay)
    enqueue(Work.ASK_A_PERSON, message_id, center=row.center_id, run_at=now + A_PERSON_AFTER)
    record(Event.MESSAGE_UNKNOWN, subject=Message(pk=message_id), conversation=row.pk, client=row.client_id)
    ring(row)


def _callback(message: Message) -> str:
    """Where Twilio reports: our own id stands in the address, so no report is ever without its message."""
    return f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{message.line_id}/status?message={message.pk}"
