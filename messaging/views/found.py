"""What a search found, as the page draws it: the conversation, and its latest entries with the words marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from encryption.errors import SealError
from encryption.prefetch import prefetch_keys
from messaging.actions.search.folding import fold_with_places
from messaging.actions.search.matching import Query
from messaging.actions.search.stretches import Hit
from messaging.actions.search.words import Word
from messaging.models import Conversation, ConversationQuerySet, Message, Note
from messaging.views.listing import bring_tags, sealed_in

SHOWN = 3  # entries of one conversation
BEFORE, LENGTH = 60, 200  # characters before the first word that was found, and in all


class Part(NamedTuple):
    """Some characters of an entry, and whether they are what was looked for."""

    text: str
    is_match: bool


class FoundEntry(NamedTuple):
    """An entry that holds what was looked for, cut to where it does."""

    entry: Message | Note
    parts: list[Part]


@dataclass(frozen=True)
class Found:
    """One conversation of the results. `more` is how many entries are not shown."""

    conversation: Conversation
    entries: list[FoundEntry]
    more: int
    is_by_name: bool  # her name or number alone is what was looked for


def found(rows: ConversationQuerySet, hits: Sequence[Hit], query: Query) -> list[Found]:
    """Load what is drawn of these hits, with five queries however many there are."""
    if not hits:
        return []
    conversations = {row.pk: row for row in rows.filter(pk__in=[hit.conversation_id for hit in hits]).with_people()}
    bring_tags(conversations.values())
    entries = _entries(hits)
    prefetch_keys([*sealed_in(conversations.values()), *entries.values()])
    shown = [hit for hit in hits if hit.conversation_id in conversations]
    return [_found(conversations[hit.conversation_id], hit, entries, query) for hit in shown]


Entries = dict[tuple[UUID, int], Message | Note]


def _entries(hits: Sequence[Hit]) -> Entries:
    numbers = {hit.conversation_id: hit.match.sequences[:SHOWN] for hit in hits}
    wanted = {(pk, number) for pk, few in numbers.items() for number in few}
    which = {"conversation__in": list(numbers), "sequence__in": [number for _pk, number in wanted]}
    messages = Message.objects.filter(**which).select_related("author")
    notes = Note.objects.filter(**which).select_related("author")
    both: Iterable[Message | Note] = [*messages, *notes]
    return {key: one for one in both if (key := (one.conversation_id, one.sequence)) in wanted}


def _found(row: Conversation, hit: Hit, entries: Entries, query: Query) -> Found:
    few = [entries[key] for number in hit.match.sequences[:SHOWN] if (key := (row.pk, number)) in entries]
    shown = [FoundEntry(entry, _marked(entry, query.words)) for entry in few]
    return Found(row, shown, len(hit.match.sequences) - len(shown), is_by_name=not hit.match.sequences)


def _marked(entry: Message | Note, words: Sequence[Word]) -> list[Part]:
    try:
        body = entry.body
    except SealError:
        return []
    return marked(body, words)


def marked(body: str, words: Sequence[Word]) -> list[Part]:
    """The part of a text around the first of these words, with all of them marked."""
    spans = _spans(body, words)
    start = max(spans[0][0] - BEFORE, 0) if spans else 0
    end = min(start + LENGTH, len(body))
    parts = [Part("…", False)] if start else []
    at = start
    for first, last in spans:
        if last <= at or first >= end:
            continue
        parts += [Part(body[at : max(first, at)], False), Part(body[max(first, at) : min(last, end)], True)]
        at = min(last, end)
    parts += [Part(body[at:end], False), Part("…" if end < len(body) else "", False)]
    return [part for part in parts if part.text]


def _spans(body: str, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Where the words stand in the original, in order."""
    folded = fold_with_places(body)
    places = folded.places
    found = (span for word in words for span in word.places_in(folded.text))
    return sorted((places[first], places[last - 1] + 1) for first, last in found)
