"""Work that the computer has given up becomes visible work for a person. Runs in the job's own scope."""

from django.utils import timezone

from jobs.models import Job
from messaging.actions.delivery import not_sure
from messaging.actions.follow_ups import owe
from messaging.actions.statuses import fail, lock_around
from messaging.actions.work import record_death
from messaging.bell import ring
from messaging.models import Conversation, FollowUpKind, Message, Status


def leave_to_a_person(job: Job) -> None:
    """Make what the computer could not do visible: a follow-up in the conversation that it concerned."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("center")
    row = rows.filter(messages=job.subject_id).first()
    record_death(job)
    if row is not None:
        owe(row, FollowUpKind.WORK_FAILED, due_at=timezone.now())
        ring(row)


def give_up_sending(job: Job) -> None:
    """A text that Twilio never took has failed; one that was on its way may have arrived."""
    row = lock_around(job.subject_id)
    record_death(job)
    if Message.objects.filter(pk=job.subject_id, status=Status.QUEUED).exists():
        fail(row, job.subject_id, Status.FAILED, None)
    else:
        not_sure(row, job.subject_id)
