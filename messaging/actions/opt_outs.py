"""Her stop. Nothing is sent to a number while an opt-out stands, whoever wrote it."""

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


def opt_out(row: Conversation, source: OptOutSource) -> bool:
    """Note that she wants no more texts; False when that stands already. The caller saves the row."""
    stop = OptOut(center_id=row.center_id, number_id=row.epoch.number_id, source=source)
    OptOut.objects.bulk_create([stop], ignore_conflicts=True)
    if not OptOut.objects.filter(pk=stop.pk).exists():
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


def heed(row: Conversation, wish: Wish) -> bool:
    """Do at once what her text asks for; True when the text owes no answer beyond that.

    A free sentence is no opt-out by itself: it holds automation back and asks a person today.
    """
    if wish is Wish.STOP:
        opt_out(row, OptOutSource.WORD)
        settle_open(
            row,
            FollowUpKind.REPLY,
            FollowUpKind.ASKED_TO_STOP,
            by_id=None,
            outcome=FollowUpOutcome.NOT_NEEDED,
        )
        row.waiting_since = None
        return True
    if wish in (Wish.START, Wish.YES) and lift_opt_out(row):
        return wish is Wish.START
    if wish is Wish.HELP:
        record(Event.HELP_ASKED, subject=row, conversation=row.pk, client=row.client_id)
    if wish is Wish.PERHAPS_STOP:
        owe(row, FollowUpKind.ASKED_TO_STOP, due_at=timezone.now())
    return False
