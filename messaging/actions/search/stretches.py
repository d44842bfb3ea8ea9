"""A stretch of a search: some conversations are opened and looked through, then the page asks for the next stretch."""

import time
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
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
from messaging.models.conversation import DONE, OPEN, shows_number
from tenancy.trips import stream

FIRST_BATCH, BATCH = 200, 1000  # conversations of one question; the first ones are to be seen at once
SLICE = 100  # conversations whose texts are in memory together
MOST_BEHIND = 2000  # entries of a slice that are opened one by one; a conversation alone may have more
_SCHEMA = SearchText._meta.get_field("text").schema


class Part(NamedTuple):
    """Some of the conversations, the latest first: along indexes that the list needs anyhow."""

    column: str
    rows: Q
    has_moved: bool = False  # into this part while the search ran: she wrote, or somebody closed it


# What is open before what is done; then both again, for what left its place before the search came to it.
PARTS = (
    Part("last_entry_at", OPEN),
    Part("closed_at", DONE),
    Part("last_entry_at", OPEN, has_moved=True),
    Part("closed_at", DONE, has_moved=True),
)


class Place(NamedTuple):
    """Behind which conversation the next stretch begins: the part, and the last row's moment and id."""

    part: int = 0
    moment: datetime | None = None
    pk: UUID | None = None


class Hit(NamedTuple):
    """A conversation that holds what is looked for, and in which entries, the latest first."""

    conversation_id: UUID
    match: Match


@dataclass(frozen=True)
class Search:
    """What one person looks for, among conversations that she may see, as they stood when she began."""

    rows: ConversationQuerySet
    member: Membership
    query: Query
    began: datetime


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
    assignee: UUID | None
    moment: datetime
    text_id: UUID | None
    through: int | None
    text: bytes | None

    @property
    def behind(self) -> int:
        """How many entries its text does not hold yet."""
        return self.sequence - (self.through or 0)

    def sealed(self, center: UUID) -> Sealed:
        """Its place said without a model: to make one would cost as much as opening the text."""
        row = self.text_id or self.pk
        return Sealed(self.text or b"", Context(_SCHEMA, center, row, self.epoch, SearchText.DIRECTION))

    def place(self, part: int) -> Place:
        return Place(part, self.moment, self.pk)


def look_through(search: Search, *, place: Place, seconds: float, enough: int, known: Container[UUID] = ()) -> Stretch:
    """Look through conversations from `place` on, for about so many seconds, or until `enough` were found.

    known    what was found before, which may have moved and is not found again
    """
    until, found = time.monotonic() + seconds, Stretch()
    at, size = place, FIRST_BATCH if place == Place() else BATCH
    while at.part < len(PARTS):
        count, last = 0, at
        for row, hit in _looked(search, at, size, found):
            count, last = count + 1, row.place(at.part) if count + 1 == size else last
            if hit and row.pk not in known:
                found.hits.append(Hit(row.pk, hit))
            if len(found.hits) >= enough or time.monotonic() > until:
                found.next = row.place(at.part)
                return found
        at, size = last if count == size else Place(at.part + 1), BATCH
    return found


def _looked(search: Search, place: Place, size: int, found: Stretch) -> Iterator[tuple[_Row, Match | None]]:
    """Each of the next conversations, and where it holds what is looked for."""
    center, query, counts = search.member.center_id, search.query, not PARTS[place.part].has_moved
    shows = cache(partial(shows_number, member=search.member))
    for rows in _slices(_rows(search, place, size)):
        tails = _tails(rows)
        for row, text in _opened(rows, center, found):
            found.looked += counts
            if text is None:
                yield row, None
            elif tails and (tail := tails.get(row.pk)):
                yield row, tail.match(text, query, in_full=shows(row.assignee))
            else:
                yield row, match(text, query, in_full=shows(row.assignee))


def _rows(search: Search, place: Place, size: int) -> Iterator[_Row]:
    """Streamed: a thousand long conversations would not fit beside each other."""
    column, part, has_moved = PARTS[place.part]
    chosen = search.rows.filter(part, **{f"{column}__{'gt' if has_moved else 'lte'}": search.began})
    if place.moment:
        behind = Q(**{f"{column}__lt": place.moment}) | Q(**{column: place.moment}, id__lt=place.pk)
        chosen = chosen.filter(Q(**{f"{column}__lte": place.moment}) & behind)
    first = chosen.order_by(f"-{column}", "-id").first_for(search.member, size)
    texts = ("search_text__pk", "search_text__through", "search_text__text")
    found = first.values_list("pk", "sequence", "epoch_id", "assignee_id", column, *texts)
    return map(_Row._make, stream(found[:size], at_once=SLICE))


def _slices(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """So few at once that neither their texts nor the entries behind them take much memory or time."""
    some: list[_Row] = []
    behind = 0
    for row in rows:
        some.append(row)
        behind += row.behind
        if len(some) == SLICE or behind >= MOST_BEHIND:
            yield some
            some, behind = [], 0
    if some:
        yield some


def _opened(rows: Sequence[_Row], center: UUID, found: Stretch) -> Iterator[tuple[_Row, str | None]]:
    """Each row with its text: an empty one where nothing is put together yet, None where it cannot be opened."""
    opened = open_many([row.sealed(center) for row in rows if row.text is not None], center)
    for row in rows:
        text = b"" if row.text is None else next(opened)
        if isinstance(text, bytes):
            yield row, text.decode()
        else:
            found.unreadable += not isinstance(text, KeyDestroyed)  # what was erased is not to be found
            yield row, None


@dataclass(frozen=True)
class _Tail:
    """What a text does not hold yet: the latest entries, and her name where there is no text at all."""

    head: Head
    lines: list[Line]

    def match(self, text: str, query: Query, *, in_full: bool) -> Match | None:
        if not text:
            return match_lines(self.head, self.lines, query, in_full=in_full)
        return match("\n".join([text, *(line.written() for line in self.lines)]), query, in_full=in_full)


def _tails(some: Sequence[_Row]) -> dict[UUID, _Tail]:
    through = {row.pk: row.through or 0 for row in some if row.behind > 0}
    if not through:
        return {}
    found = Conversation.objects.filter(pk__in=through).select_related("client", "epoch__number")
    rows = list(found.prefetch_related("client__tags"))
    prefetch_keys([part for row in rows for part in (row.client, row.epoch.number)])
    lines = lines_after(rows, through)
    return {row.pk: _Tail(_head(row), lines.get(row.pk, [])) for row in rows}


def _head(row: Conversation) -> Head:
    try:
        return head_of(row)
    except SealError:
        return Head("", "")
