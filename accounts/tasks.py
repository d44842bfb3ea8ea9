"""Which job of this room does what. Handlers are shallow: by id, one action. Trying again is said here, once."""

from accounts import mail
from accounts.actions import telling
from accounts.models import Staff
from accounts.notices import Notice
from jobs.models import Job
from jobs.registry import Backoff, handles

TRY_AGAIN = (mail.MailPaused, mail.MailUnheard)


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
