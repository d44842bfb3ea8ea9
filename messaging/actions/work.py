from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from audit.events import Event
from audit.record import record
from jobs.models import Job
from jobs.queue import enqueue

LOOK_AGAIN_AFTER = timedelta(minutes=5)


class Work(StrEnum):
    """The kinds of jobs that messaging has done. Their handlers are in `messaging.tasks`."""

    DELIVER = "messaging.deliver"
    LEAVE_LATER = "messaging.leave_later"
    SETTLE = "messaging.settle"
    ASK_A_PERSON = "messaging.ask_a_person"
    AUTO_REPLY = "messaging.auto_reply"
    FETCH_FILES = "messaging.fetch_files"
    FETCH_RECORDING = "messaging.fetch_recording"
    SCAN_FILE = "messaging.scan_file"
    COME_BACK = "messaging.come_back"
    TEXT_BACK = "messaging.text_back"
    RECONCILE = "messaging.reconcile"
    GATHER_WORDS = "messaging.gather_words"
    GATHER_ALL_WORDS = "messaging.gather_all_words"


def look_again(kind: Work, subject_id: UUID, *, center: UUID) -> None:
    """A job of its own for in a while: waiting uses up no tries, and there is one for all who ask meanwhile."""
    again = timezone.now() + LOOK_AGAIN_AFTER
    key = f"again:{kind}:{subject_id}:{again.timestamp() // LOOK_AGAIN_AFTER.total_seconds():.0f}"
    enqueue(kind, subject_id, center=center, run_at=again, dedupe=key)


def record_death(job: Job) -> None:
    """Note in the log that a job was given up."""
    record(Event.JOB_DEAD, subject=job, facts={"kind": job.kind, "attempts": job.attempts})
