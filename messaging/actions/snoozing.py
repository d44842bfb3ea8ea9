"""A conversation is put aside until a moment, and back by itself: at that moment, or as soon as she writes or calls.

Asleep is what `Conversation.is_asleep` reads from the row and the clock. The job at the moment only tells open pages,
and what is to be done then is owed from the start: if no job ever runs, it is in the list and due all the same.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Center, Membership
from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.follow_ups import owe, settle_open
from messaging.actions.opening import FROM_HOUR, schedule_of
from messaging.actions.thread_events import add_event
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import Conversation, EventKind, FollowUpKind, FollowUpOutcome
from tenancy.scope import in_center

LATER_TODAY = timedelta(hours=3)


class CannotSnooze(Exception):
    """This conversation cannot be put aside now. `words` says why, for people."""

    def __init__(self, words: Any) -> None:
        super().__init__()
        self.words = words


def next_day_we_open(center: Center, now: datetime) -> datetime:
    """When the center opens on a later day than today; where no hours are set, tomorrow morning."""
    schedule = schedule_of(center)
    tomorrow = (now.astimezone(schedule.zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return schedule.next_opening(tomorrow - timedelta(microseconds=1)) or tomorrow.replace(hour=FROM_HOUR)


@transaction.atomic
def snooze(conversation: Conversation, *, until: datetime, by: Membership) -> None:
    """Put a conversation aside until a moment, at which somebody owes it a look. Raises `CannotSnooze`."""
    row = Conversation.objects.locked(conversation.pk)
    _refuse_if_hindered(row, until)
    settle_open(row, FollowUpKind.SNOOZED, by_id=by.staff_id, outcome=FollowUpOutcome.NOT_NEEDED)
    row.snoozed_until = until
    owe(row, FollowUpKind.SNOOZED, due_at=until)
    add_event(row, EventKind.SNOOZED, by=by)
    row.save(update_fields=["snoozed_until", "sequence"])
    key = f"come-back:{row.pk}:{until.timestamp():.0f}:{row.sequence}"
    enqueue(Work.COME_BACK, row.pk, center=row.center_id, run_at=until, dedupe=key)
    facts = {"until": until.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")}
    record(Event.SNOOZED, subject=row, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)


@transaction.atomic
def wake(conversation: Conversation, *, by: Membership) -> None:
    """Take a conversation up again before its moment. Waking one that is awake changes nothing."""
    row = Conversation.objects.locked(conversation.pk)
    if row.snoozed_until is None:
        return
    settle_open(row, FollowUpKind.SNOOZED, by_id=by.staff_id, outcome=FollowUpOutcome.NOT_NEEDED)
    _awake(row, EventKind.WOKEN, by)


def come_back(center_id: UUID, conversation_id: UUID) -> None:
    """Its moment has come. One that was woken, or put aside anew, is left alone."""
    with in_center(center_id):
        row = Conversation.objects.locked(conversation_id)
        if row.snoozed_until is not None and row.snoozed_until <= timezone.now():
            _awake(row, EventKind.CAME_BACK, None)


def _awake(row: Conversation, what: EventKind, by: Membership | None) -> None:
    row.snoozed_until = None
    add_event(row, what, by=by)
    row.save(update_fields=["snoozed_until", "sequence"])
    record(Event.WOKEN, subject=row, conversation=row.pk, client=row.client_id)
    ring(row)


def _refuse_if_hindered(row: Conversation, until: datetime) -> None:
    if row.waiting_since is not None:
        raise CannotSnooze(_("She is waiting for an answer. Please answer or close it first; nothing was put aside."))
    if row.failed_at is not None:
        raise CannotSnooze(_("A text did not reach her. Please see to that first; nothing was put aside."))
    if not row.is_open:
        raise CannotSnooze(_("This conversation is closed already; nothing was put aside."))
    if until <= timezone.now():
        raise CannotSnooze(_("That moment has passed. Please choose a later one; nothing was put aside."))
