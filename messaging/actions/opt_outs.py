"""Her stop. Nothing is sent to a number while an opt-out stands, whoever wrote it."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging.actions.follow_ups import owe, settle_open
from messaging.actions.thread_events import add_event
from messaging.actions.words.opt_out import Wish
from messaging.models import (
    Conversation,
    EventKind,
    FollowUpKind,
    FollowUpOutcome,
    OptOut,
    OptOutSource,
)


def is_opted_out(row: Conversation) -> bool:
    return OptOut.objects.filter(number=row.epoch.number_id, lifted_at=None).exists()


def standing_opt_out(row: Conversation) -> OptOut | None:
    """The stop that stands, with when it was said and how we heard."""
    return OptOut.objects.filter(number=row.epoch.number_id, lifted_at=None).first()


def stops_after(row: Conversation, moment: datetime) -> bool:
    """Whether she said stop after a moment, and it stands."""
    standing = OptOut.objects.filter(number=row.epoch.number_id, lifted_at=None)
    return standing.filter(Q(since__gt=moment) | Q(heard_again_at__gt=moment)).exists()


def opt_out(row: Conversation, source: OptOutSource) -> bool:
    """Note that she wants no more texts; False when that stands already. The caller saves the row."""
    stop = OptOut(center_id=row.center_id, number_id=row.epoch.number_id, source=source)
    OptOut.objects.bulk_create([stop], ignore_conflicts=True)
    standing = OptOut.objects.filter(number=row.epoch.number_id, lifted_at=None).exclude(pk=stop.pk)
    if standing.update(heard_again_at=timezone.now()):
        return False
    add_event(row, EventKind.OPTED_OUT)
    facts = {"source": str(source)}
    record(Event.OPTED_OUT, subject=stop, conversation=row.pk, client=row.client_id, facts=facts)
    return True


def lift_opt_out(row: Conversation) -> bool:
    """Note that she wants texts again; False when nothing stood in the way."""
    lifted = OptOut.objects.filter(number=row.epoch.number_id, lifted_at=None).update(lifted_at=timezone.now())
    if not lifted:
        return False
    add_event(row, EventKind.OPTED_IN)
    record(Event.OPTED_IN, subject=row, conversation=row.pk, client=row.client_id)
    return True


def heed(row: Conversation, wish: Wish) -> Wish:
    """Do at once what her text asks for, and return what it then still means.

    A free sentence is no opt-out by itself: it holds automation back and asks a person now.
    """
    if wish is Wish.STOP:
        _stop(row)
    elif wish in (Wish.START, Wish.YES):
        return Wish.START if lift_opt_out(row) else Wish.NONE
    elif wish is Wish.HELP:
        record(Event.HELP_ASKED, subject=row, conversation=row.pk, client=row.client_id)
    elif wish is Wish.PERHAPS_STOP and not _is_being_decided(row):
        owe(row, FollowUpKind.ASKED_TO_STOP, due_at=timezone.now())
    return wish


def _stop(row: Conversation) -> None:
    """Her word ends what was owed to her by text. A promise, or a call to return, stays owed."""
    opt_out(row, OptOutSource.WORD)
    kinds = FollowUpKind.REPLY, FollowUpKind.ASKED_TO_STOP
    settle_open(row, *kinds, by_id=None, outcome=FollowUpOutcome.NOT_NEEDED)
    row.waiting_since = None


def _is_being_decided(row: Conversation) -> bool:
    return row.follow_ups.open().filter(kind=FollowUpKind.ASKED_TO_STOP).exists()
