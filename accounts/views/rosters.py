"""Somebody's hours in words, for the pages that show them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from accounts.timetable import Hours, Span


class Line(NamedTuple):
    """One day, and its shifts in words."""

    day: str
    shifts: str
    is_single: bool


def lines_of(hours: Hours, today: date) -> list[Line]:
    """The week's days that have shifts, then the single days that are not over."""
    week = [Line(str(WEEKDAYS[day]), _words(hours.week[day]), is_single=False) for day in sorted(hours.week)]
    coming = sorted(day for day in hours.days if day >= today - timedelta(days=1))
    single = [Line(date_format(day, "DATE_FORMAT"), _words(hours.days[day]), is_single=True) for day in coming]
    return week + single


def _words(spans: Sequence[Span]) -> str:
    return ", ".join(map(_span, sorted(spans))) or _("off")


def _span(span: Span) -> str:
    times = {"begins": time_format(span.begins, "TIME_FORMAT"), "ends": time_format(span.ends, "TIME_FORMAT")}
    return (_("%(begins)s to %(ends)s the next day") if span.is_over_midnight else _("%(begins)s to %(ends)s")) % times
