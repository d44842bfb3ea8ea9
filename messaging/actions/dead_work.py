from django.utils import timezone

from audit.events import Event
from audit.record import record
from jobs.models import Job
from messaging.actions.follow_ups import owe
from messaging.bell import ring
from messaging.models import Conversation, FollowUpKind


def leave_to_a_person(job: Job) -> None:
    """Make what the computer could not do visible: a follow-up in the conversation that it concerned."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("center")
    row = rows.filter(messages=job.subject_id).first()
    record(Event.JOB_DEAD, subject=job, facts={"kind": job.kind, "attempts": job.attempts})
    if row is not None:
        owe(row, FollowUpKind.WORK_FAILED, due_at=timezone.now())
        ring(row)
