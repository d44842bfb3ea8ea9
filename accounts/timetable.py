"""When somebody may come in, by the clock on the wall of her center. Knows no rows.

A shift goes from the first moment at which that clock shows its beginning, or is past it, to the last at which it
shows less than its end. So an hour that clocks skip is missed, and one that they show twice is worked twice, in one
piece: nobody is sent away in the middle of a night because clocks were set back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LOOK_AHEAD = 60  # days
NO_END_IN_SIGHT = 8  # days: whoever is here without a break for so long is told of no end


class Span(NamedTuple):
    """From and to, in whole minutes. An end that is not after its beginning lies on the next day."""

    begins: time
    ends: time

    @property
    def is_over_midnight(self) -> bool:
        return self.ends <= self.begins


class Hours(NamedTuple):
    """The hours of a week, by weekday (Monday is 0), and those of single days, which hold instead: none means off.

    A shift belongs to the day on which it begins.
    """

    week: Mapping[int, Sequence[Span]]
    days: Mapping[date, Sequence[Span]]

    def on(self, day: date) -> Sequence[Span]:
        return self.days[day] if day in self.days else self.week.get(day.weekday(), ())


class Standing(NamedTuple):
    """Whether somebody may be in now, and the moment at which that changes, if one is in sight."""

    is_on: bool
    until: datetime | None


ALWAYS = Standing(is_on=True, until=None)


@dataclass(frozen=True)
class Timetable:
    """The hours of one person as moments. `extended_until` is given by an admin on top of them."""

    zone: ZoneInfo
    hours: Hours
    extended_until: datetime | None = None

    def standing(self, at: datetime) -> Standing:
        """How she stands at a moment. Shifts that follow each other without a gap are one."""
        end = max(at, self.extended_until or at)
        for begins, ends in self._shifts(at, NO_END_IN_SIGHT):
            if begins > end:
                break
            end = max(end, ends)
        if end == at:
            return Standing(is_on=False, until=self._next_beginning(at))
        return Standing(is_on=True, until=end if end - at < (NO_END_IN_SIGHT - 2) * DAY else None)

    def _next_beginning(self, at: datetime) -> datetime | None:
        return next((begins for begins, ends in self._shifts(at, LOOK_AHEAD) if at < begins < ends), None)

    def _shifts(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Those that may hold at a moment or begin after it, in their order, as moments."""
        first = at.astimezone(self.zone).date() - 2 * DAY
        for offset in range(days + 2):
            day = first + offset * DAY
            for span in sorted(self.hours.on(day)):
                yield beginning_of(day, span, self.zone), end_of(day, span, self.zone)


def beginning_of(day: date, span: Span, zone: ZoneInfo) -> datetime:
    """The first moment at which the clock shows the beginning or is past it."""
    wall = datetime.combine(day, span.begins)
    return _moment(wall, zone, fold=0) or _change_before(wall, zone)


def end_of(day: date, span: Span, zone: ZoneInfo) -> datetime:
    """The moment after the last at which the clock shows less than the end."""
    wall = datetime.combine(day + DAY if span.is_over_midnight else day, span.ends) - MINUTE
    last_minute = _moment(wall, zone, fold=1)
    return last_minute + MINUTE if last_minute else _change_before(wall, zone)


def _moment(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime | None:
    """When the clock shows this time, the first or the last time that it does; None when it never does."""
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == wall else None


def _change_before(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks were set forward over a time that they never showed, found by halving."""
    before, after = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
    return after.replace(microsecond=0)
