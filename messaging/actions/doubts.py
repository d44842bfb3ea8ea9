"""Texts of which nobody is sure. Twilio's list settles them, else a person does; nothing sends them again by itself."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.follow_ups import owe
from messaging.actions.replies import NumberEnded
from messaging.actions.statuses import adopt, heed_twilio, lock_around, move, no_longer_in_doubt
from messaging.actions.unreachable import heed_failure
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import FollowUpKind, Message, Status
from messaging.twilio import Listed, door_to, texts_sent_to
from tenancy.scope import in_center

CLOCKS_DIFFER = timedelta(minutes=5)


def settle(center_id: UUID, message_id: UUID) -> None:
    """Find a text of which we are not sure in Twilio's list. Raises `Busy` when the list cannot be had."""
    with in_center(center_id):
        message = _in_doubt(message_id)
        if message is None:
            return
        door, said = door_to(message.line), (message.body, message.media_count)
        number = message.conversation.epoch.number.address
        since = (message.sending_since or message.created_at) - CLOCKS_DIFFER
    sent = texts_sent_to(door, to=number, since=since)
    listed = [text for text in sent if (text.body, text.media_count) == said]
    if listed:
        with in_center(center_id):
            _adopt_first(message_id, listed)


def _adopt_first(message_id: UUID, listed: list[Listed]) -> None:
    """Take the first listed text that no other message of ours is known to be."""
    row = lock_around(message_id)
    message = _in_doubt(message_id)
    if message is None:
        return
    others = Message.objects.filter(line=message.line_id, twilio_sid__in=[text.sid for text in listed])
    taken = set(others.values_list("twilio_sid", flat=True))
    found = next((text for text in listed if text.sid not in taken), None)
    if found is not None:
        adopt(row, message_id, found.sid)
        heed_twilio(row, message_id, found.status, found.error_code)
        heed_failure(row, found.error_code)
        record(Event.MESSAGE_SETTLED, subject=message, conversation=row.pk, client=row.client_id)


def ask_a_person(center_id: UUID, message_id: UUID) -> None:
    """Nothing has settled it for ten minutes: somebody decides, with plain words in the thread."""
    with in_center(center_id):
        row = lock_around(message_id)
        message = _in_doubt(message_id)
        if message is None:
            return
        owe(row, FollowUpKind.UNSURE, message=message, due_at=timezone.now())
        row.failed_at = row.failed_at or timezone.now()
        row.save(update_fields=["failed_at"])
        ring(row)


@transaction.atomic
def send_still(message: Message, *, by: Membership) -> bool:
    """A person decides that words which waited for a day are still right; False when they wait no longer."""
    row = lock_around(message.pk)
    waiting = Message.objects.filter(pk=message.pk, status=Status.QUEUED).first()
    if waiting is None or not waiting.is_stale:
        return False
    Message.objects.filter(pk=message.pk).update(send_after=timezone.now())
    enqueue(Work.DELIVER, message.pk, center=row.center_id)
    no_longer_in_doubt(row, message, by_id=by.staff_id)
    record(Event.MESSAGE_SETTLED, subject=message, conversation=row.pk, client=row.client_id, facts={"resend": True})
    ring(row)
    return True


@transaction.atomic
def decide_unknown(message: Message, *, by: Membership, resend: bool) -> bool:
    """A person decides about a text of which nobody is sure; False when it was settled meanwhile, or may still be.

    Sending again is her choice alone: it may then arrive twice, and the page says so. Raises `NumberEnded`.
    """
    row = lock_around(message.pk)
    if resend and row.ended_at is not None:
        raise NumberEnded
    doubtful = _in_doubt(message.pk)
    if doubtful is None or not doubtful.is_for_a_person:
        return False
    if not move(message.pk, Status.UNKNOWN, Status.QUEUED if resend else Status.FAILED):
        return False
    if resend:
        Message.objects.filter(pk=message.pk).update(send_after=timezone.now())  # decided now: not stale any more
        enqueue(Work.DELIVER, message.pk, center=row.center_id)
    no_longer_in_doubt(row, message, by_id=by.staff_id)
    facts = {"resend": resend}
    record(Event.MESSAGE_SETTLED, subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)
    return True


def _in_doubt(message_id: UUID) -> Message | None:
    messages = Message.objects.select_related("line", "conversation__epoch__number")
    return messages.filter(pk=message_id, status=Status.UNKNOWN).first()
