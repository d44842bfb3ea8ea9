"""A conversation's row repeats what its entries say. Here it does so again, after some of them have gone or come."""

from datetime import datetime

from django.db.models import QuerySet

from messaging.actions.voicemails import word_for
from messaging.models import ABOUT_A_TEXT, Call, CallState, Conversation, Direction, FollowUpKind, Message, Purpose
from messaging.models.conversation import LAST_WORDS
from messaging.models.message import NEVER_LEFT

COLUMNS = ("last_words", "last_entry_at", "last_call", "last_call_at", "waiting_since", "answered_at", "heard_at")


def restate(row: Conversation, *, was_waiting: bool) -> set[FollowUpKind]:
    """Say what the entries say, and return what they ask for. The caller holds the lock and saves `COLUMNS`.

    was_waiting    whether she waited before: where it was closed, or no answer was needed, nobody waits again
    """
    said = row.messages.filter(purpose=Purpose.PERSON).exclude(status__in=NEVER_LEFT)
    calls = list(row.calls.order_by("sequence"))
    _show_latest(row, said.order_by("sequence").last(), calls[-1] if calls else None)
    answers = said.filter(direction=Direction.OUT).order_by("sequence")
    talked = [call for call in calls if call.state == CallState.TALKED]
    first, last = answers.first(), answers.last()
    moments = [first.created_at] if first else []
    row.answered_at = min([*moments, *(call.created_at for call in talked)], default=None)
    row.heard_at = _last_heard(said, calls)
    answered, spoken = last.sequence if last else 0, max((call.sequence or 0 for call in talked), default=0)
    missed = [call for call in calls if call.state == CallState.MISSED and (call.sequence or 0) > spoken]
    words = said.filter(direction=Direction.IN, sequence__gt=answered).order_by("sequence").first()
    _wait(row, words, next((call for call in missed if (call.sequence or 0) > answered), None), was_waiting)
    kinds = {FollowUpKind.REPLY: was_waiting and words, FollowUpKind.MISSED_CALL: missed}
    return {kind for kind, asks in kinds.items() if asks}


def restate_failures(row: Conversation) -> None:
    """Whether a text of ours failed in it and nobody has dealt with that. The caller saves `failed_at`."""
    failed = row.follow_ups.open().filter(kind__in=ABOUT_A_TEXT).order_by("opened_at").first()
    row.failed_at = (row.failed_at or failed.opened_at) if failed else None


def _show_latest(row: Conversation, words: Message | None, call: Call | None) -> None:
    row.last_words = words.body[:LAST_WORDS] if words else None
    row.last_call, row.last_call_at = (word_for(call), call.created_at) if call else ("", None)
    moments = [moment for moment in (words and words.created_at, row.last_call_at) if moment]
    row.last_entry_at = max(moments, default=row.created_at)


def _last_heard(said: "QuerySet[Message]", calls: list[Call]) -> datetime | None:
    heard: list[Message | Call] = [*said.filter(direction=Direction.IN).only("said_at", "created_at"), *calls]
    return max((entry.said_at or entry.created_at for entry in heard), default=None)


def _wait(row: Conversation, words: Message | None, call: Call | None, was_waiting: bool) -> None:
    """Since the first of hers that nobody has answered; a missed call is owed for longer than it waits."""
    entries: list[Message | Call] = [entry for entry in (words, call) if entry is not None and was_waiting]
    row.waiting_since = min((entry.said_at or entry.created_at for entry in entries), default=None)
