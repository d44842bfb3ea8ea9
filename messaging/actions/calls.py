"""Calls. One place decides whether two people talked; whoever was not spoken with is owed a call back.

Twilio tells of a call in many posts, in any order and number, and its list tells once more. Each only adds what it
says (`News`); what is true of the call is read from all of it together (`Call.state`).
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from audit.events import Event
from audit.record import record
from jobs.queue import enqueue
from messaging.actions.clients import begin_conversation, begin_with_withheld, find_conversation
from messaging.actions.follow_ups import owe, settle_open
from messaging.actions.silence import note_heard, still_hers
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import Call, CallState, Closure, Conversation, FollowUpKind, FollowUpOutcome
from messaging.twilio import CallPost, Door
from tenancy.scope import in_center

TEXT_BACK_AFTER = timedelta(seconds=60)  # she may be reached, or call again, in between


@dataclass(frozen=True)
class News:
    """What one post says of a call. None of it ever becomes untrue."""

    accepted: bool = False
    bridged: bool = False
    unanswered: bool = False
    ended: bool = False
    talk_seconds: int | None = None


def note_call(door: Door, call: CallPost, news: News) -> tuple[Call, bool]:
    """Keep a call and what a post says of it; return it, and whether it is new.

    A withheld number leaves nobody to call back: such a call has no conversation until a message is left.
    """
    with in_center(door.center_id):
        row = _conversation_of(door, call)
        kept, is_new = _keep(row, door, call)
        _learn(row, kept, None if is_new else kept.state, news)
    return kept, is_new


def note_more(door: Door, call_sid: str, news: News) -> Call | None:
    """Add what is said of a call that is known here; None when it is not this line's."""
    with in_center(door.center_id):
        found = lock_call(door, call_sid)
        if found is None:
            return None
        row, kept = found
        _learn(row, kept, kept.state, news)
    return kept


def lock_call(door: Door, call_sid: str) -> tuple[Conversation | None, Call] | None:
    """A call of this line and its conversation, both locked, the conversation first."""
    ours = Call.objects.filter(line=door.line_id, twilio_sid=call_sid)
    known = ours.first()
    if known is None:
        return None
    row = _locked(known.conversation_id) if known.conversation_id else None
    call = ours.select_for_update().get()
    if row is not None and call.conversation_id != row.pk and call.conversation_id:
        row = _locked(call.conversation_id)  # it moved while this waited
    return row, call


def give_conversation(door: Door, call: Call) -> Conversation:
    """A conversation for a caller who withheld her number and left a message: nobody else is ever in it."""
    row = begin_with_withheld(door, call.twilio_sid)
    call.conversation = row
    _learn(row, call, None, News())
    return row


def _conversation_of(door: Door, call: CallPost) -> Conversation | None:
    found = lock_call(door, call.sid)
    if found is not None:
        return found[0]
    if not call.is_known_caller:
        return None
    known = still_hers(find_conversation(door, call.caller), call.said_at)
    return known or begin_conversation(door, call.caller, is_textable=True)


def _locked(conversation_id: UUID) -> Conversation:
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("epoch__number", "client", "center")
    return rows.get(pk=conversation_id)


def _keep(row: Conversation | None, door: Door, call: CallPost) -> tuple[Call, bool]:
    fresh = Call(
        center_id=door.center_id, conversation=row, line_id=door.line_id, twilio_sid=call.sid, said_at=call.said_at
    )
    Call.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = Call.objects.select_for_update().get(line=door.line_id, twilio_sid=call.sid)
    return kept, kept.pk == fresh.pk


def _learn(row: Conversation | None, call: Call, before: CallState | None, news: News) -> None:
    was_under_way = call.ended_at is None
    _note(call, news)
    is_changed = call.state != before
    has_just_ended = was_under_way and call.ended_at is not None
    if row is not None and before is None:
        _enter(row, call)
    call.save()
    if row is None or not (is_changed or has_just_ended):
        return
    if is_changed:
        _follow(row, call)
    if call.state == CallState.MISSED and call.ended_at:
        _consider_a_text(call)
    ring(row, aloud=call.state == CallState.MISSED)


def _enter(row: Conversation, call: Call) -> None:
    """A place in the thread, as soon as she calls."""
    call.sequence = row.take_number()
    note_heard(row, call.said_at)
    facts = {"sequence": call.sequence}
    record(Event.CALL_RECEIVED, subject=call, conversation=row.pk, client=row.client_id, facts=facts)


def _note(call: Call, news: News) -> None:
    now = timezone.now()
    for name in ("accepted", "bridged", "unanswered", "ended"):
        if getattr(news, name) and getattr(call, f"{name}_at") is None:
            setattr(call, f"{name}_at", now)
    if call.talk_seconds is None:
        call.talk_seconds = news.talk_seconds


def _follow(row: Conversation, call: Call) -> None:
    """What a new state means for the conversation. The caller holds its lock."""
    if call.state == CallState.MISSED:
        _owe_a_call(row, call)
    elif call.state == CallState.TALKED:
        _reached(row, call)
    now = timezone.now()
    row.last_call, row.last_call_at, row.last_entry_at, row.snoozed_until = call.state, now, now, None
    changed = ["sequence", "closed_at", "waiting_since", "answered_at", "last_call", "last_call_at", "last_entry_at"]
    row.save(update_fields=[*changed, "snoozed_until", "heard_at"])


def _owe_a_call(row: Conversation, call: Call) -> None:
    """The follow-up first: whatever else fails, somebody is asked to call back."""
    if not row.follow_ups.open().filter(kind=FollowUpKind.MISSED_CALL).exists():
        owe(row, FollowUpKind.MISSED_CALL)
    if row.closed_at is not None:
        Closure.objects.filter(conversation=row).delete()
        row.closed_at = None
        record(Event.REOPENED, subject=row, conversation=row.pk, client=row.client_id)
    row.waiting_since = row.waiting_since or call.said_at or timezone.now()
    record(Event.CALL_MISSED, subject=call, conversation=row.pk, client=row.client_id)


def _reached(row: Conversation, call: Call) -> None:
    """They talked: no call is owed any more. Words of hers that nobody has answered stay owed."""
    settle_open(row, FollowUpKind.MISSED_CALL, by_id=None, outcome=FollowUpOutcome.REACHED)
    if not row.follow_ups.open().filter(kind=FollowUpKind.REPLY).exists():
        row.waiting_since = None
    row.answered_at = row.answered_at or timezone.now()
    record(Event.CALL_ANSWERED, subject=call, conversation=row.pk, client=row.client_id)


def _consider_a_text(call: Call) -> None:
    """Once a call, and only when she has hung up: she may still be leaving a message."""
    when = timezone.now() + TEXT_BACK_AFTER
    enqueue(Work.TEXT_BACK, call.pk, center=call.center_id, run_at=when, dedupe=f"text-back:{call.pk}")
