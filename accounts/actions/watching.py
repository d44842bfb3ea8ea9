"""Somebody tries and tries: whom it concerns gets to know, by mail and on the record of her centers."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actions import signing
from accounts.actions.attempts import Bucket
from accounts.actions.telling import tell, tell_admins_of
from accounts.limits import Door
from accounts.models import Center, Staff
from accounts.notices import Notice
from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from tenancy.ids import INSTALLATION
from tenancy.scope import in_platform

TELL_OF_BREAKER = "accounts.tell_of_breaker"


@transaction.atomic
def note_breaker() -> None:
    """Passwords fail everywhere. Admins are told, once an hour."""
    enqueue(TELL_OF_BREAKER, INSTALLATION, center=None, dedupe=f"breaker:{timezone.now():%Y-%m-%d %H}")


def tell_of_failures(account: UUID) -> None:
    """Tell a person and her admins that somebody tries to sign in as her, if the address is anybody's.

    Jobs and rows hold a hash of her address: whether it is anybody's is looked up here, where no stranger waits.
    """
    for staff in Staff.objects.filter(is_active=True):
        if Bucket(Door.PASSWORD_ACCOUNT, (bytes(staff.email_index).hex(),)).key == account:
            _tell_of(staff)


@transaction.atomic
def _tell_of(staff: Staff) -> None:
    signing.note_of_stranger(Event.FAILURES_IN_A_ROW, staff)
    tell(staff, Notice.MANY_FAILED_TRIES)
    tell_admins_of(staff, Notice.COLLEAGUES_FAILED_TRIES)


def tell_of_breaker() -> None:
    """Put on the record of every center that strangers are kept out for the moment."""
    with in_platform():
        for center in Center.objects.all():
            record(Event.STRANGERS_KEPT_OUT, center=center.pk)
