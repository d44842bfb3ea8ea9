"""Telling people by mail what happened to their account (AUTH-18).

A mail is a job, written in the transaction of what it tells of; only ids and codes are in the queue. Without a mail
server nothing is queued: the staff page and `doctor` say so.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import Membership, Staff
from accounts.notices import CAUSED_BY_STRANGERS, Notice
from accounts.roles import Permission
from audit.events import Event
from audit.record import record
from jobs.models import Job
from jobs.queue import enqueue
from tenancy.ids import INSTALLATION
from tenancy.scope import in_platform

PREFIX = "tell_"
REMEMBERED = timedelta(days=7)


def tells_by_mail() -> bool:
    """Whether there is a mail server to tell anybody through."""
    return bool(settings.EMAIL_HOST)


def tell(staff: Staff, notice: Notice) -> None:
    """Have somebody told, in the caller's transaction. What a stranger can cause, at most once an hour."""
    _tell(staff.pk, notice)


def tell_admins(center: UUID, notice: Notice, *but: Staff) -> None:
    """Have everybody told who looks after the people of a center; the running scope must see its memberships.

    but    whom it is about, or who did it: she is told in other words, or knows
    """
    admins = Membership.objects.current().who_may(Permission.STAFF).filter(center=center)
    for staff_id in admins.exclude(staff__in=but).values_list("staff_id", flat=True):
        _tell(staff_id, notice)


def tell_admins_of(staff: Staff, notice: Notice) -> None:
    """Have the admins of every center told where this person works."""
    with in_platform():
        for center in Membership.objects.on_staff().filter(staff=staff).values_list("center_id", flat=True):
            tell_admins(center, notice, staff)


def give_up(job: Job) -> None:
    """A mail that nobody took: on the record, and counted on the health page."""
    record(Event.JOB_DEAD, subject=job, center=INSTALLATION, facts={"kind": job.kind, "attempts": job.attempts})


def count_waiting() -> int:
    """How many mails wait to be sent."""
    with in_platform():
        return Job.objects.waiting().filter(kind__startswith=PREFIX).count()


def count_given_up() -> int:
    """How many mails of the last days could not be delivered."""
    with in_platform():
        return Job.objects.filter(kind__startswith=PREFIX, dead_at__gt=timezone.now() - REMEMBERED).count()


def kind_of(notice: Notice) -> str:
    """The kind of job that tells of this."""
    return PREFIX + notice


def notice_of(job: Job) -> Notice:
    """What a job is to tell."""
    return Notice(job.kind.removeprefix(PREFIX))


def _tell(staff_id: UUID, notice: Notice) -> None:
    if not tells_by_mail():
        return
    hour = f"{timezone.now():%Y-%m-%dT%H}"
    dedupe = f"{kind_of(notice)}:{staff_id}:{hour}" if notice in CAUSED_BY_STRANGERS else None
    enqueue(kind_of(notice), staff_id, center=None, dedupe=dedupe)
