"""The words of conversations are put together for the search, a while after they were said."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from encryption.errors import SealError
from encryption.prefetch import prefetch_keys
from jobs.queue import enqueue
from messaging.actions.search.folding import fold
from messaging.actions.search.matching import Head, Kind, Line, written
from messaging.actions.work import Work
from messaging.models import Conversation, ConversationQuerySet, Message, Note, SearchText
from tenancy.scope import in_center

EVERY = timedelta(minutes=5)
QUIET = timedelta(minutes=1)  # who is still writing is not put together at every word
RECENT = timedelta(days=1)
AT_ONCE = 100  # conversations a transaction
WHOLE = 288  # turns: once a day, and at the first one, all conversations are looked at


def arrange_gathering(center_id: UUID) -> None:
    """One gathering a center and five minutes, however many processes ask for it. In the caller's transaction."""
    turn = int(timezone.now().timestamp() // EVERY.total_seconds())
    when = datetime.fromtimestamp(turn * EVERY.total_seconds(), tz=UTC)
    enqueue(Work.GATHER_WORDS, center_id, center=center_id, run_at=when, dedupe=f"gather:{center_id}:{turn}")


def gather_in_turn(center_id: UUID) -> None:
    """What was said of late, and once a day, or when this center has no search text at all, everything."""
    turn = int(timezone.now().timestamp() // EVERY.total_seconds())
    with in_center(center_id):
        is_new = not SearchText.objects.filter(center=center_id).exists()
    gather(center_id, since=None if is_new or turn % WHOLE == 0 else timezone.now() - RECENT)


def gather(center_id: UUID, *, since: datetime | None = None) -> int:
    """Bring the search texts of a center up to date; return how many were looked at.

    since    look only at what was said or closed after it; at all conversations without it
    """
    count, last = 0, UUID(int=0)
    while True:
        with in_center(center_id):
            rows = _gather_some(center_id, since, last)
        if not rows:
            return count
        count, last = count + len(rows), rows[-1].pk


def forget_head(conversation: Conversation) -> None:
    """Her name changed: what was put together is left out of searches, and is made anew."""
    SearchText.objects.filter(conversation=conversation).delete()


def lines_after(rows: Sequence[Conversation], through: dict[UUID, int]) -> dict[UUID, list[Line]]:
    """The entries of these conversations that their search texts do not hold yet, in their order.

    An entry whose words cannot be opened is left out: a page shows that it is there.
    """
    if not rows:
        return {}
    messages, notes = _behind(Message.objects.all(), rows), _behind(Note.objects.all(), rows)
    entries: list[Message | Note] = [*messages, *notes]
    prefetch_keys(entries)
    found: dict[UUID, list[Line]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.sequence):
        if entry.sequence > through.get(entry.conversation_id, 0) and (line := _line(entry)):
            found[entry.conversation_id].append(line)
    return found


def head_of(row: Conversation) -> Head:
    """Raises SealError where her name or number cannot be opened."""
    return Head(fold(row.client.name or ""), "".join(filter(str.isdigit, row.epoch.number.address)))


Entries = TypeVar("Entries", bound=QuerySet[Any])


def _behind(entries: Entries, rows: Sequence[Conversation]) -> Entries:
    """Annotated first: as part of the filter the join would leave out what has no search text at all."""
    known = entries.filter(conversation__in=rows).annotate(through=Coalesce("conversation__search_text__through", 0))
    return known.filter(sequence__gt=F("through"))


def _line(entry: Message | Note) -> Line | None:
    kind = Kind.NOTE if isinstance(entry, Note) else Kind.HERS if entry.is_inbound else Kind.OURS
    try:
        words = fold(entry.body)
    except SealError:
        return None
    return Line(entry.sequence, kind, int(entry.created_at.timestamp()), words) if words else None


def _gather_some(center_id: UUID, since: datetime | None, last: UUID) -> list[Conversation]:
    rows = list(_stale(center_id, since).filter(pk__gt=last).order_by("pk")[:AT_ONCE])
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
    locked = rows.select_for_update(of=("self",), skip_locked=True, no_key=True)
    return locked.select_related("client", "epoch__number", "search_text")


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
