"""The middle: a stretch of one conversation, drawn from messages, calls, notes and events in their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch

from messaging.models import Attachment, Call, Conversation, Mention, Message, Note, Recording, ThreadEvent

ENTRIES_A_PAGE = 100
ENTRIES_BEFORE, ENTRIES_AROUND = 20, 400  # where a search leads to, and the first one that is new to somebody

Entry = Message | Call | Note | ThreadEvent


@dataclass(frozen=True)
class Stretch:
    """All entries with start < number <= end, of a conversation that goes on to `last`."""

    entries: list[Entry]
    start: int
    end: int
    last: int

    @property
    def before(self) -> int | None:
        """The number before which older ones can be asked for."""
        return self.start + 1 if self.start else None

    @property
    def stops_early(self) -> bool:
        return self.end < self.last


def latest(conversation: Conversation, before: int | None = None) -> Stretch:
    """The last hundred entries, or the hundred before a number."""
    end = conversation.sequence if before is None else min(max(before - 1, 0), conversation.sequence)
    return _stretch(conversation, max(end - ENTRIES_A_PAGE, 0), end)


def opening(conversation: Conversation, read_up_to: int) -> Stretch:
    """What somebody sees first: the last hundred entries, or all that is new to her with some before it.

    Where more than four hundred are new it is the last hundred: the end matters most, and older ones can be asked for.
    """
    start = max(read_up_to - ENTRIES_BEFORE, 0)
    if read_up_to and ENTRIES_A_PAGE < conversation.sequence - start <= ENTRIES_AROUND:
        return _stretch(conversation, start, conversation.sequence)
    return latest(conversation)


def around(conversation: Conversation, number: int) -> Stretch:
    """An entry with some before it and everything after it, or the next hundreds where more than that came after it."""
    start = max(min(number, conversation.sequence) - ENTRIES_BEFORE, 0)
    return _stretch(conversation, start, min(start + ENTRIES_AROUND, conversation.sequence))


def after(conversation: Conversation, number: int) -> Stretch:
    """The hundred entries after a number: a page catches up step by step, and leaves nothing out."""
    start = min(number, conversation.sequence)
    return _stretch(conversation, start, min(start + ENTRIES_A_PAGE, conversation.sequence))


def _stretch(conversation: Conversation, start: int, end: int) -> Stretch:
    return Stretch(between(conversation, start, end), start, end, conversation.sequence)


def between(conversation: Conversation, start: int, end: int) -> list[Entry]:
    """Entries with start < number <= end.

    Numbers are gapless and each kind is one index range, so a kind is asked for only while numbers are missing.
    """
    numbers: dict[str, Any] = {"sequence__gt": start, "sequence__lte": end}
    messages = list(conversation.messages.filter(**numbers).select_related("author"))
    _bring_files(messages)
    _note_what_was_sent_again(messages)
    found: list[Entry] = [*messages]
    if len(found) < end - start:
        found += conversation.events.filter(**numbers).select_related("by", "to")
    if len(found) < end - start:
        found += with_recordings(conversation.calls.filter(**numbers))
    if len(found) < end - start:
        called = Prefetch("mentions", Mention.objects.select_related("staff").order_by("pk"))
        found += conversation.notes.filter(**numbers).select_related("author").prefetch_related(called)
    return sorted(found, key=attrgetter("sequence"))


def _bring_files(messages: list[Message]) -> None:
    """The files of all texts with one query, and with none when there are none."""
    with_files = [message for message in messages if message.media_count]
    if with_files:
        found = list(Attachment.objects.filter(message__in=with_files).without_content())
        for message in with_files:
            message.shown_files = [file for file in found if file.message_id == message.pk]


def _note_what_was_sent_again(messages: list[Message]) -> None:
    """Of all that failed with one query, and with none when nothing did."""
    failed = [message for message in messages if message.failure]
    if failed:
        again = set(Message.objects.filter(again_of__in=failed).values_list("again_of", flat=True))
        for message in failed:
            message.known_to_be_sent_again = message.pk in again


def with_recordings(calls: Iterable[Call]) -> list[Call]:
    """Calls with what was left in them, with one query more, and with none when there are no calls."""
    shown = list(calls)
    if shown:
        found = list(Recording.objects.filter(call__in=shown).without_content())
        for call in shown:
            call.shown_recordings = [recording for recording in found if recording.call_id == call.pk]
    return shown
