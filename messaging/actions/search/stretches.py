"""A stretch of a search: some conversations are opened and looked through, then the page asks for the next stretch."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.models import Membership
from encryption.bulk import Sealed, open_many
from encryption.envelope import Context
from encryption.errors import KeyDestroyed, SealError
from encryption.prefetch import prefetch_keys
from messaging.actions.search.matching import Head, Line, Match, Query, match, match_lines
from messaging.actions.search.texts import head_of, lines_after
from messaging.models import Conversation, ConversationQuerySet, SearchText
from messaging.models.conversation import DONE, OPEN

FIRST_BATCH, BATCH = 200, 1000  # conversations; the first ones are to be seen at once
# What is open first, each part with the latest first: along indexes that the list needs anyhow.
PARTS = (("-last_entry_at", OPEN), ("-closed_at", DONE))
_SCHEMA = SearchText._meta.get_field("text").schema


class Place(NamedTuple):
    """Behind which conversation the next stretch begins: the part, and the last row's moment and id."""

    part: int = 0
    moment: datetime | None = None
    pk: UUID | None = None


class Hit(NamedTuple):
    """A conversation that holds what is looked for, and in which entries, the latest first."""

    conversation_id: UUID
    match: Match


@dataclass
class Stretch:
    """What one stretch found, how many conversations it looked at, how many it could not open, and what is left."""

    hits: list[Hit] = field(default_factory=list)
    looked: int = 0
    unreadable: int = 0
    next: Place | None = None


class _Row(NamedTuple):
    pk: UUID
    sequence: int
    epoch: UUID
    text_id: UUID | None
    through: int | None
    text: bytes | None

    def sealed(self, center: UUID) -> Sealed:
        """Its place said without a model: to make one would cost as much as opening the text."""
        row = self.text_id or self.pk
        return Sealed(self.text or b"", Context(_SCHEMA, center, row, self.epoch, SearchText.DIRECTION))


def look_through(
    rows: ConversationQuerySet, member: Membership, query: Query, *, place: Place, seconds: float, enough: int
) -> Stretch:
    """Look through conversations from `place` on, for about so many seconds, or until `enough` were found.

    rows    those that this person may see, narrowed as she asked; the order is the search's own
    """
    began, found, size = time.monotonic(), Stretch(), FIRST_BATCH if place == Place() else BATCH
    at: Place | None = place
    while at is not None:
        batch = _batch(rows, member, at, size)
        last = _look(batch, member, query, found, enough)
        at = _behind(at.part, last) if last else _after(at, batch, size)
        if len(found.hits) >= enough or time.monotonic() - began > seconds:
            break
        size = BATCH
    found.next = at
    return found


def _batch(rows: ConversationQuerySet, member: Membership, place: Place, size: int) -> list[_Row]:
    order, part = PARTS[place.part]
    column = order.lstrip("-")
    chosen = rows.filter(part).order_by(order, "-id")
    if place.moment:
        behind = Q(**{f"{column}__lt": place.moment}) | Q(**{column: place.moment}, id__lt=place.pk)
        chosen = chosen.filter(Q(**{f"{column}__lte": place.moment}) & behind)
    texts = ("search_text__pk", "search_text__through", "search_text__text")
    found = chosen.first_for(member, size).values_list("pk", "sequence", "epoch_id", *texts)
    return [_Row(*row) for row in found[:size]]


def _after(place: Place, batch: Sequence[_Row], size: int) -> Place | None:
    """Where to go on: behind the last row, in the next part, or nowhere."""
    if len(batch) == size:
        return _behind(place.part, batch[-1])
    return Place(place.part + 1) if place.part + 1 < len(PARTS) else None


def _behind(part: int, row: _Row) -> Place:
    """Asked for the last row alone: reading a time from each would cost a tenth of the search."""
    column = PARTS[part][0].lstrip("-")
    return Place(part, Conversation.objects.values_list(column, flat=True).get(pk=row.pk), row.pk)


def _look(batch: Sequence[_Row], member: Membership, query: Query, found: Stretch, enough: int) -> _Row | None:
    """The row at which enough was found, if there are more behind it."""
    tails = _tails(batch)
    for row, text in _opened(batch, member.center_id, found):
        tail = tails.get(row.pk)
        if hit := match(text, query) if tail is None else tail.match(text, query):
            found.hits.append(Hit(row.pk, hit))
            if len(found.hits) == enough and row != batch[-1]:
                return row
    return None


def _opened(batch: Sequence[_Row], center: UUID, found: Stretch) -> Iterator[tuple[_Row, str]]:
    """Each row with its text; with an empty one where nothing is put together yet."""
    written = [row for row in batch if row.text is not None]
    opened = open_many([row.sealed(center) for row in written], center)
    by_row: dict[UUID, bytes | SealError] = {row.pk: text for row, text in zip(written, opened, strict=True)}
    for row in batch:
        text = by_row.get(row.pk, b"")
        found.looked += 1
        if isinstance(text, SealError):
            found.unreadable += not isinstance(text, KeyDestroyed)  # what was erased is not to be found
        else:
            yield row, text.decode()


@dataclass(frozen=True)
class _Tail:
    """What a text does not hold yet: the latest entries, and her name where there is no text at all."""

    head: Head
    lines: list[Line]

    def match(self, text: str, query: Query) -> Match | None:
        if not text:
            return match_lines(self.head, self.lines, query)
        return match("\n".join([text, *(line.written() for line in self.lines)]), query)


def _tails(batch: Sequence[_Row]) -> dict[UUID, _Tail]:
    through = {row.pk: row.through or 0 for row in batch if (row.through or 0) < row.sequence}
    if not through:
        return {}
    rows = list(Conversation.objects.filter(pk__in=through).select_related("client", "epoch__number"))
    prefetch_keys([part for row in rows for part in (row.client, row.epoch.number)])
    lines = lines_after(rows, through)
    return {row.pk: _Tail(_head(row), lines.get(row.pk, [])) for row in rows}


def _head(row: Conversation) -> Head:
    try:
        return head_of(row)
    except SealError:
        return Head("", "")
