"""Which job of this room does what. Handlers are shallow: by id, one action. Trying again is said here, once."""

from celery import shared_task

from accounts import mail
from accounts.actions import refusals, telling, watching
from accounts.actions.attempts import TELL_OF_FAILURES
from accounts.actions.forgetting import forget_what_is_over
from accounts.models import Staff
from accounts.notices import Notice
from jobs.models import Job
from jobs.registry import Backoff, handles

BEAT = {"forget-what-is-over": {"task": "accounts.forget", "schedule": 900.0, "options": {"expires": 600}}}
TRY_AGAIN = (mail.MailPaused, mail.MailUnheard)


@shared_task(name="accounts.forget")
def forget() -> None:
    forget_what_is_over()


@handles(TELL_OF_FAILURES)
def tell_of_failures(job: Job) -> None:
    watching.tell_of_failures(job.subject_id)


@handles(watching.TELL_OF_BREAKER)
def tell_of_breaker(job: Job) -> None:
    watching.tell_of_breaker()


@handles(refusals.NOTE_REFUSALS)
def note_refusals(job: Job) -> None:
    refusals.note_refusals(job.subject_id)


def send_notice(job: Job) -> None:
    """Tell one person one thing by mail: for about a day, then the health page says that it was given up."""
    staff = Staff.objects.get(pk=job.subject_id)
    mail.deliver(staff, telling.notice_of(job), happened_at=job.created_at, key=str(job.pk))


for _notice in Notice:
    handles(
        telling.kind_of(_notice),
        tries=30,
        backoff=Backoff(first=20, most=3600),
        on=TRY_AGAIN,
        dead=telling.give_up,
    )(send_notice)
