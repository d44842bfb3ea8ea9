"""Phones that several people use. On such a number each exchange ends by itself: the next text asks who writes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from messaging.actions.clients import locked_with_number
from messaging.actions.thread_events import add_event
from messaging.bell import ring
from messaging.models import Conversation, EventKind, PhoneNumber

EXCHANGE = timedelta(hours=12)  # without a word of anybody: then somebody else may pick the phone up


def mark_shared(row: Conversation, *, by: Membership) -> None:
    """Somebody said that several people use this phone. The caller holds the locks of the number and the row."""
    number = PhoneNumber.objects.filter(epochs=row.epoch_id, shared_since=None)
    if number.update(shared_since=timezone.now(), shared_by=by.staff_id):
        _record(row, is_shared=True)


@transaction.atomic
def unmark_shared(conversation: Conversation, *, by: Membership) -> None:
    """One person alone uses it after all. Of a phone that nobody said it of, nothing changes."""
    row = locked_with_number(conversation)
    number = PhoneNumber.objects.filter(epochs=row.epoch_id, shared_since__isnull=False)
    if not number.update(shared_since=None, shared_by=None):
        return
    add_event(row, EventKind.NOT_SHARED, by=by)
    row.save(update_fields=["sequence"])
    _record(row, is_shared=False)
    ring(row)


def is_shared(row: Conversation) -> bool:
    return PhoneNumber.objects.filter(epochs=row.epoch_id, shared_since__isnull=False).exists()


def is_over(row: Conversation, now: datetime) -> bool:
    """Whether whoever speaks now may be another one of those who use the phone: after a pause, or a closing."""
    return (not row.is_open or now - row.last_entry_at > EXCHANGE) and is_shared(row)


def _record(row: Conversation, *, is_shared: bool) -> None:
    facts = {"shared": is_shared}
    subject = PhoneNumber(pk=row.epoch.number_id)
    record(Event.PHONE_SHARED, subject=subject, conversation=row.pk, client=row.client_id, facts=facts)
