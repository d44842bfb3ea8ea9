"""After a restore: what waited to be sent then may have been sent since. Nobody knows, so nothing is sent."""

from uuid import UUID

from django.utils import timezone

from jobs.models import Job
from messaging.actions.delivery import not_sure
from messaging.actions.statuses import lock_around, move
from messaging.actions.work import Work
from messaging.models import Message, Status
from tenancy.scope import in_center

WAITING = (Status.QUEUED, Status.SENDING)


def doubt_what_waited(center_id: UUID) -> int:
    """Put every text that waits to be sent in doubt: Twilio's list settles it, else a person. Returns how many."""
    with in_center(center_id):
        waiting = list(Message.objects.filter(status__in=WAITING).order_by("pk").values_list("pk", flat=True))
        for message_id in waiting:
            row = lock_around(message_id)
            move(message_id, Status.QUEUED, Status.SENDING)
            not_sure(row, message_id)
        _withhold_auto_replies(center_id)
    return len(waiting)


def _withhold_auto_replies(center_id: UUID) -> None:
    """Automatic texts follow within a minute, so those that waited have been sent long since."""
    kinds = Work.AUTO_REPLY, Work.TEXT_BACK
    Job.objects.waiting().filter(kind__in=kinds, center_id=center_id).update(done_at=timezone.now())
