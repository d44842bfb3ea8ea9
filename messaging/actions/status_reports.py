"""What Twilio reports of a text of ours. Every report is kept; `statuses` says what it changes."""

from uuid import UUID

from audit.events import Event
from audit.record import record
from messaging.actions.statuses import adopt, heed_twilio, lock_around
from messaging.actions.unreachable import heed_failure
from messaging.models import Direction, Message, StatusReport
from messaging.twilio import Door, StatusPost
from tenancy.scope import in_center


def take_report(door: Door, report: StatusPost, message_id: UUID | None) -> None:
    """Keep a report and move the message up if it says more than we know.

    message_id    our own id out of the callback's address; without it the message is found by sid
    """
    with in_center(door.center_id):
        message = _find(door, report, message_id)
        if message is None:
            record(Event.STATUS_CALLBACK_IGNORED)
            return
        row = lock_around(message.pk)
        StatusReport.objects.create(
            center_id=door.center_id, message=message, status=report.status, error_code=report.error_code
        )
        adopt(row, message.pk, report.sid)
        heed_twilio(row, message.pk, report.status, report.error_code)
        heed_failure(row, report.error_code)


def _find(door: Door, report: StatusPost, message_id: UUID | None) -> Message | None:
    """Ours, of this line, outbound, and not known under another sid."""
    ours = Message.objects.filter(line=door.line_id, direction=Direction.OUT)
    if message_id is None:
        return ours.filter(twilio_sid=report.sid).first()
    found = ours.filter(pk=message_id).first()
    return found if found is not None and found.twilio_sid in (None, report.sid) else None
