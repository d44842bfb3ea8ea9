"""The middle: a stretch of one conversation, drawn from messages, notes and events in their order."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from messaging.models import Conversation, Message, Note, ThreadEvent

ENTRIES_A_PAGE = 100

Entry = Message | Note | ThreadEvent


@dataclass(frozen=True)
class Stretch:
    """Some entries in their order, and the number before which older ones can be asked for."""

    entries: list[Entry]
    before: int | None


def latest(conversation: Conversation, before: int | None = None) -> Stretch:
    """The last hundred entries, or the hundred before a number."""
    end = conversation.sequence if before is None else before - 1
    start = max(end - ENTRIES_A_PAGE, 0)
    return Stretch(between(conversation, start, end), start + 1 if start else None)


def after(conversation: Conversation, number: int) -> list[Entry]:
    """What came after a number: how a page catches up."""
    start = max(number, conversation.sequence - ENTRIES_A_PAGE)
    return between(conversation, start, conversation.sequence)


def between(conversation: Conversation, start: int, end: int) -> list[Entry]:
    """Entries with start < number <= end.

    Numbers are gapless and each kind is one index range, so a kind is asked for only while numbers are missing.
    """
    numbers: dict[str, Any] = {"sequence__gt": start, "sequence__lte": end}
    found: list[Entry] = list(conversation.messages.filter(**numbers).select_related("author"))
    if len(found) < end - start:
        found += conversation.events.filter(**numbers).select_related("by", "to")
    if len(found) < end - start:
        found += conversation.notes.filter(**numbers).select_related("author")
    return sorted(found, key=attrgetter("sequence"))
