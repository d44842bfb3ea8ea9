"""What came since an entry is from somebody else: it moves, whole, into a conversation of its own.

The number's epoch ends, a new one begins with a client of whom nothing is known, and texts, calls, pictures and
voicemails are sealed anew under its key. Where each stood a line is left, so that numbers stay without a gap.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit.events import Event
from audit.facts import Fact
from audit.record import record
from encryption.errors import SealError
from encryption.moving import open_to_move
from messaging.actions.clients import begin_unknown, locked_with_number
from messaging.actions.epochs import end_epoch
from messaging.actions.follow_ups import owe
from messaging.actions.restating import COLUMNS, restate, restate_failures
from messaging.actions.search.texts import forget_head
from messaging.actions.sharing import mark_shared
from messaging.actions.thread_events import add_event
from messaging.actions.words.spanish import is_spanish
from messaging.bell import ring
from messaging.models import (
    Attachment,
    Call,
    Conversation,
    Direction,
    EpochEnd,
    EventKind,
    FollowUp,
    FollowUpKind,
    Message,
    Recording,
    Status,
    ThreadEvent,
)

MOST = 1000  # entries at once: everybody who writes here waits meanwhile
ON_ITS_WAY = (Status.QUEUED, Status.SENDING, Status.UNKNOWN)
GONE = {"message": EventKind.TEXT_MOVED, "call": EventKind.CALL_MOVED}

Entry = Message | Call


class CannotMove(Exception):
    """These entries cannot move now. `words` says why, for people."""

    def __init__(self, words: Any) -> None:
        super().__init__()
        self.words = words


@transaction.atomic
def split_at(conversation: Conversation, number: int, *, reason: EpochEnd, by: Membership) -> Conversation:
    """Move all texts and calls from an entry of hers on into a new conversation with somebody else; return it.

    number    of the first entry that moves: a text that came in, or a call
    reason    why somebody else writes from her number
    raises    `CannotMove`, and nothing is changed
    """
    row = locked_with_number(conversation)
    entries = entries_from(row, number)
    _refuse_if_hindered(row, entries, number)
    was_waiting = row.waiting_since is not None
    end_epoch(row, reason, by=by)
    if reason == EpochEnd.SHARED:
        mark_shared(row, by=by)
    fresh = begin_unknown(
        row.epoch.number, row.center, line_id=row.line_id, assignee_id=row.assignee_id, language=_language(entries)
    )
    for entry in entries:
        _leave_a_line(row, entry)
        _move(entry, fresh)
    _divide_what_is_owed(row, fresh, entries[0].created_at, was_waiting=was_waiting)
    forget_head(row)
    add_event(fresh, EventKind.SPLIT_OFF, by=by)
    facts: dict[str, Fact] = {"from": str(row.pk), "to": str(fresh.pk), "count": len(entries), "reason": str(reason)}
    for one in (row, fresh):
        one.save(update_fields=[*COLUMNS, "failed_at", "sequence"])
        record(Event.CONVERSATION_SPLIT, subject=one, conversation=one.pk, client=one.client_id, facts=facts)
        ring(one, everyone=True)
    return fresh


def entries_from(row: Conversation, number: int) -> list[Entry]:
    """The texts and calls from an entry on, in their order, locked within a transaction."""
    since = {"sequence__gte": number}
    found: list[Entry] = [*row.messages.filter(**since).select_for_update(), *row.calls.filter(**since)]
    return sorted(found, key=lambda entry: entry.sequence or 0)


def _refuse_if_hindered(row: Conversation, entries: Sequence[Entry], number: int) -> None:
    if row.ended_at is not None:
        raise CannotMove(_("Nothing was moved: this number no longer reaches whoever this conversation is with."))
    first = entries[0] if entries else None
    if first is None or first.sequence != number or (isinstance(first, Message) and not first.is_inbound):
        raise CannotMove(_("Nothing was moved: please choose a text or a call of hers."))
    if any(entry.status in ON_ITS_WAY for entry in entries if isinstance(entry, Message)):
        raise CannotMove(
            _("Nothing was moved: a reply after this is still on its way. Take it back, or wait until it is settled.")
        )
    if len(entries) > MOST:
        raise CannotMove(_("Nothing was moved: more than 1,000 texts and calls came since. Choose a later one."))


def _language(entries: Sequence[Entry]) -> str | None:
    """Her first words say which language to greet her in."""
    first = next((entry for entry in entries if isinstance(entry, Message) and entry.has_words), None)
    return "es" if first and first.is_inbound and is_spanish(first.body) else None


def _leave_a_line(row: Conversation, entry: Entry) -> None:
    """At the entry's own number and moment."""
    line = ThreadEvent.objects.create(
        center_id=row.center_id, conversation=row, sequence=entry.sequence or 0, what=GONE[entry.kind]
    )
    ThreadEvent.objects.filter(pk=line.pk).update(created_at=entry.created_at)


def _move(entry: Entry, fresh: Conversation) -> None:
    entry.sequence = fresh.take_number()
    try:
        if isinstance(entry, Message):
            _reseal(entry, fresh, conversation=fresh)
            for pk in _ids_of(Attachment.objects.filter(message=entry)):
                _reseal(Attachment.objects.select_for_update().get(pk=pk), fresh)
        else:
            entry.conversation = fresh
            entry.save(update_fields=["conversation", "sequence"])
            for pk in _ids_of(Recording.objects.filter(call=entry)):
                _reseal(Recording.objects.select_for_update().get(pk=pk), fresh)
    except SealError:
        raise CannotMove(_("Nothing was moved: some of it cannot be opened now.")) from None


def _ids_of(rows: Any) -> list[UUID]:
    """One file after another: all of them would not fit into memory."""
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _reseal(row: Message | Attachment | Recording, fresh: Conversation, **moved: Conversation) -> None:
    open_to_move(row)
    row.epoch = fresh.epoch_id
    for name, value in moved.items():
        setattr(row, name, value)
    row.save()


def _divide_what_is_owed(row: Conversation, fresh: Conversation, since: datetime, *, was_waiting: bool) -> None:
    """What is owed goes along with what asks for it. Both rows say again what their entries say."""
    FollowUp.objects.filter(conversation=row, message__conversation=fresh).update(conversation=fresh)
    asked_since = row.follow_ups.open().filter(kind=FollowUpKind.ASKED_TO_STOP, opened_at__gte=since)
    asked_since.update(conversation=fresh)
    here, there = restate(row, was_waiting=was_waiting), restate(fresh, was_waiting=was_waiting)
    for kind in there:
        owed = row.follow_ups.open().filter(kind=kind)
        if kind == FollowUpKind.MISSED_CALL and not owed.exists():
            continue  # somebody has seen to it
        if kind in here or not owed.update(conversation=fresh):
            owe(fresh, kind)
    restate_failures(row)
    restate_failures(fresh)


def count_from(row: Conversation, number: int) -> int:
    """How many texts and calls would move."""
    since = {"sequence__gte": number}
    return row.messages.filter(**since).count() + row.calls.filter(**since).count()


def first_of(row: Conversation, number: int) -> Entry | None:
    """What stands at a number, if it may be the first that moves."""
    text = row.messages.filter(sequence=number, direction=Direction.IN).first()
    return text or row.calls.filter(sequence=number).first()
