"""The words of conversations are put together for the search, a while after they were said."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import chain
from operator import or_
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from encryption.errors import SealError
from encryption.prefetch import prefetch_keys
from jobs.queue import enqueue
from messaging.actions.search.folding import fold
from messaging.actions.search.matching import Head, Kind, Line, written
from messaging.actions.work import Work
from messaging.models import Client, Conversation, ConversationQuerySet, Message, Note, SearchText
from tenancy.scope import in_center

EVERY = timedelta(minutes=5)
QUIET = timedelta(minutes=1)  # who is still writing is not put together at every word
RECENT = timedelta(days=1)
AT_ONCE = 100  # conversations a transaction
PART = 45.0  # seconds for which a gathering of everything holds its worker
DAY = timedelta(days=1)
FIRST = UUID(int=0)  # stands before every conversation


def arrange_gathering(center_id: UUID) -> None:
    """One gathering a center and five minutes, and one of everything a day, however many processes ask for them.

    In the caller's transaction. What could not be done in time is done late: it waits in its row.
    """
    turn, at = _begun(EVERY)
    enqueue(Work.GATHER_WORDS, center_id, center=center_id, run_at=at, dedupe=f"gather:{center_id}:{turn}")
    day, at = _begun(DAY)
    enqueue(Work.GATHER_ALL_WORDS, FIRST, center=center_id, run_at=at, dedupe=f"gather-all:{center_id}:{day}")


def gather_lately(center_id: UUID) -> None:
    """What was said or closed of late."""
    gather(center_id, since=timezone.now() - RECENT)


def gather_all(center_id: UUID, *, behind: UUID) -> None:
    """Everything behind a conversation, for a while; what is left is a job of its own that begins where this ended."""
    until, last = time.monotonic() + PART, behind
    while time.monotonic() < until:
        with in_center(center_id):
            rows = _gather_some(center_id, None, last)
        if not rows:
            return
        last = rows[-1].pk
    with in_center(center_id):
        enqueue(Work.GATHER_ALL_WORDS, last, center=center_id)


def gather(center_id: UUID, *, since: datetime | None = None) -> int:
    """Bring the search texts of a center up to date; return how many were looked at.

    since    look only at what was said or closed after it; at all conversations without it
    """
    count, last = 0, FIRST
    while True:
        with in_center(center_id):
            rows = _gather_some(center_id, since, last)
        if not rows:
            return count
        count, last = count + len(rows), rows[-1].pk


def forget_head(conversation: Conversation) -> None:
    """Who she is, or what she said in it, changed: what was put together is left out of searches, and is made anew."""
    SearchText.objects.filter(conversation=conversation).delete()


def forget_heads(client: Client) -> None:
    """Her name or her tags changed: so for all that is said with her."""
    SearchText.objects.filter(conversation__client=client).delete()


def lines_after(rows: Sequence[Conversation], through: Mapping[UUID, int]) -> dict[UUID, list[Line]]:
    """The entries of these conversations behind those numbers, in their order.

    An entry whose words cannot be opened is left out: a page shows that it is there.

    through    by conversation, 0 where none is said. What the search texts say now may be more than their reader saw
    """
    if not rows:
        return {}
    behind = _behind(rows, through)
    entries: list[Message | Note] = [*Message.objects.filter(behind), *Note.objects.filter(behind)]
    prefetch_keys(entries)
    found: dict[UUID, list[Line]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.sequence):
        if line := _line(entry):
            found[entry.conversation_id].append(line)
    return found


def head_of(row: Conversation) -> Head:
    """Raises SealError where her name or number cannot be opened."""
    digits = "".join(filter(str.isdigit, row.epoch.number.address))
    return Head(fold(row.client.name or ""), digits, " ".join(tag.pk.hex for tag in row.client.tags.all()))


def _begun(every: timedelta) -> tuple[int, datetime]:
    """Which turn of so long it is, and when it began."""
    turn = int(timezone.now().timestamp() // every.total_seconds())
    return turn, datetime.fromtimestamp(turn * every.total_seconds(), tz=UTC)


def _behind(rows: Sequence[Conversation], through: Mapping[UUID, int]) -> Q:
    by_number: dict[int, list[UUID]] = defaultdict(list)
    for row in rows:
        by_number[through.get(row.pk, 0)].append(row.pk)
    return reduce(or_, (Q(conversation__in=pks, sequence__gt=number) for number, pks in by_number.items()))


def _line(entry: Message | Note) -> Line | None:
    kind = Kind.NOTE if isinstance(entry, Note) else Kind.HERS if entry.is_inbound else Kind.OURS
    try:
        words = fold(entry.body)
    except SealError:
        return None
    return Line(entry.sequence, kind, int(entry.created_at.timestamp()), words) if words else None


def _gather_some(center_id: UUID, since: datetime | None, last: UUID) -> list[Conversation]:
    """Read anew once they are locked: whoever had a row before may have named her, or have written its text."""
    locked = _stale(center_id, since).filter(pk__gt=last).only("pk").order_by("pk")[:AT_ONCE]
    found = Conversation.objects.filter(pk__in=[row.pk for row in locked]).order_by("pk")
    rows = list(found.select_related("client", "epoch__number", "search_text").prefetch_related("client__tags"))
    prefetch_keys(chain.from_iterable((row.client, row.epoch.number, *_text_of(row)) for row in rows))
    lines = lines_after(rows, {row.pk: text.through for row in rows for text in _text_of(row)})
    for row in rows:
        _write(row, lines.get(row.pk, []))
    return rows


def _stale(center_id: UUID, since: datetime | None) -> ConversationQuerySet:
    """Locked, and without those that somebody else is at: nobody who writes waits long for this."""
    behind = Q(search_text=None) | Q(search_text__through__lt=F("sequence"))
    rows = Conversation.objects.filter(behind, center=center_id, last_entry_at__lt=timezone.now() - QUIET)
    if since:
        rows = rows.filter(Q(closed_at=None, last_entry_at__gt=since) | Q(closed_at__gt=since))
    return rows.select_for_update(of=("self",), skip_locked=True, no_key=True)


def _text_of(row: Conversation) -> list[SearchText]:
    text = getattr(row, "search_text", None)
    return [text] if text else []


def _write(row: Conversation, lines: list[Line]) -> None:
    """Nothing is written of what cannot be opened; a text that was altered goes, and the next turn makes it anew."""
    for text in _text_of(row):
        try:
            text.text = "\n".join([text.text, *(line.written() for line in lines)])
        except SealError:
            text.delete()
            return
        text.through = row.sequence
        text.save(update_fields=["text", "through"])
        return
    _create(row, lines)


def _create(row: Conversation, lines: list[Line]) -> None:
    place = {"center_id": row.center_id, "conversation": row, "epoch": row.epoch_id}
    try:
        SearchText.objects.create(**place, through=row.sequence, text=written(head_of(row), lines))
    except SealError:
        return
