"""What Twilio reports of a text of ours. Reports come late, doubled and out of order; the status only rises."""

from uuid import UUID

from audit.events import Event
from audit.record import record
from messaging.actions.delivery import adopt, fail
from messaging.bell import ring
from messaging.models import Conversation, Message, Status, StatusReport
from messaging.twilio import Door, StatusPost
from tenancy.scope import in_center

KNOWN = {
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


def take_report(door: Door, report: StatusPost, message_id: UUID | None) -> None:
    """Keep a report and move the message up if it says more than we know.

    message_id    our own id out of the callback's address; without it the message is found by sid
    """
    with in_center(door.center_id):
        message = _find(door, report, message_id)
        if message is None:
            record(Event.STATUS_CALLBACK_IGNORED)
            return
        StatusReport.objects.create(
            center_id=door.center_id, message=message, status=report.status, error_code=report.error_code
        )
        _apply(message, report)


def _find(door: Door, report: StatusPost, message_id: UUID | None) -> Message | None:
    """Ours, of this line, outbound, and not known under another sid."""
    ours = Message.objects.filter(line=door.line_id, direction="out")
    if message_id is None:
        return ours.filter(twilio_sid=report.sid).first()
    found = ours.filter(pk=message_id).first()
    return found if found is not None and found.twilio_sid in (None, report.sid) else None


def _apply(message: Message, report: StatusPost) -> None:
    """The report proves that Twilio has the text: adopt its sid, then rise to what it says."""
    if message.twilio_sid is None:
        adopt(message.pk, report.sid)
    status = KNOWN.get(report.status)
    if status is None:
        return
    if status in (Status.UNDELIVERED, Status.FAILED):
        fail(message.pk, status, report.error_code)
    else:
        _rise(message, status)


def _rise(message: Message, status: Status) -> None:
    """One compare-and-set: only a message of a lower rank moves, so no report moves it back."""
    lower = [known for known in Status if known.rank < status.rank]
    risen = Message.objects.filter(pk=message.pk, status__in=lower).update(status=status)
    if not risen:
        return
    conversation = Conversation.objects.get(pk=message.conversation_id)
    if status == Status.DELIVERED:
        record(
            Event.MESSAGE_DELIVERED,
            subject=message,
            conversation=conversation.pk,
            client=conversation.client_id,
        )
    ring(conversation)
