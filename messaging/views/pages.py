"""Lists page by page: a page begins behind the last row of the one before, however far that is."""

from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q
from django.http import Http404
from django.utils.dateparse import parse_datetime

Row = TypeVar("Row", bound=Model)


def cut(rows: list[Row], most: int, column: str) -> tuple[list[Row], str]:
    """Of one row more than a page holds: the page, and the place behind which the next one begins ("" at the end)."""
    page = rows[:most]
    return page, f"{getattr(page[-1], column).isoformat()}~{page[-1].pk}" if len(rows) > most else ""


def beyond(column: str, descends: bool, after: str) -> Q:
    """Whatever lies behind such a place, along a moment and then the id. Raises Http404 for one that is none.

    The first test alone says where an index range begins; the second takes away those of the same moment.
    """
    value, _tilde, pk = after.partition("~")
    moment, compare = _moment(value), "lt" if descends else "gt"
    try:
        behind = Q(**{f"{column}__{compare}": moment}) | Q(**{column: moment, f"id__{compare}": UUID(pk)})
    except ValueError as error:
        raise Http404 from error
    return Q(**{f"{column}__{compare}e": moment}) & behind


def _moment(value: str) -> datetime:
    try:
        moment = parse_datetime(value)
        if moment is None or moment.tzinfo is None:
            raise Http404
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
