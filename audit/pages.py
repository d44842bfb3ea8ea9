"""Fifty entries at a time, newest first, by the last one seen: page 1,000 costs what page 1 costs."""

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.models import LogEntry

PAGE = 50


@dataclass(frozen=True)
class Page:
    entries: list[LogEntry]
    next_before: UUID | None


def page_of(center: UUID, staff: Collection[UUID], conditions: Q, before: UUID | None) -> Page:
    """One page of what this center's admins may see.

    That is everything of the center, and of the installation's own entries (sign-ins before a center is
    known, keys, start and stop) those by nobody in particular or by this center's staff.
    """
    shared = Q(actor_id=None) | Q(actor_id__in=staff)
    streams = (
        LogEntry.objects.of_center(center).filter(conditions),
        LogEntry.objects.of_center(None).filter(shared).filter(conditions),
    )
    last = LogEntry.objects.filter(pk=before).first() if before else None
    found = list(islice(_merged(streams, last), PAGE + 1))
    more = len(found) > PAGE
    return Page(found[:PAGE], found[PAGE - 1].pk if more else None)


def visible_entry(center: UUID, staff: Collection[UUID], pk: UUID) -> LogEntry | None:
    """The entry, if it is one that `page_of` could show."""
    entry: LogEntry | None = LogEntry.objects.filter(pk=pk).first()
    if entry is None or entry.center_id == center:
        return entry
    shared = entry.center_id is None and (entry.actor_id is None or entry.actor_id in staff)
    return entry if shared else None


def _merged(streams: tuple[QuerySet[LogEntry], ...], last: LogEntry | None) -> Iterator[LogEntry]:
    """Both streams, each read by its own index, put together by time."""
    older = (_older_than(stream, last).order_by("-timestamp", "-id")[: PAGE + 1] for stream in streams)
    return heapq.merge(*older, key=lambda entry: (entry.timestamp, entry.pk), reverse=True)


def _older_than(stream: QuerySet[LogEntry], last: LogEntry | None) -> QuerySet[LogEntry]:
    if last is None:
        return stream
    same_moment = Q(timestamp=last.timestamp, pk__lt=last.pk)
    return stream.filter(timestamp__lte=last.timestamp).filter(Q(timestamp__lt=last.timestamp) | same_moment)
