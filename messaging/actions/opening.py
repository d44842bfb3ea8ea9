"""When the center is open, in its own zone. Clock changes are the zone's business, not ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.models import Center
from messaging.actions.words.moments import say_when
from messaging.models import ClosedDay, OpeningHours

LOOK_AHEAD = 60  # days
# Where a center has set no hours: nobody expects an answer, or a ringing phone, at night (also OUT-10).
FROM_HOUR, TO_HOUR = 8, 21
BY_DAY = [(time(FROM_HOUR), time(TO_HOUR))]


@dataclass(frozen=True)
class Schedule:
    """The opening hours and closed days of a center, read once."""

    zone: ZoneInfo
    spans: dict[int, list[tuple[time, time]]]
    closed: frozenset[date]

    @property
    def is_set(self) -> bool:
        return bool(self.spans)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there now. A center that has set no hours counts as open by day, and closed at night."""
        return any(opens <= at < closes for opens, closes in self._days(at, 1))

    def next_opening(self, at: datetime) -> datetime | None:
        """The next moment at which the center opens; None where that is not within two months, or nobody has said."""
        if not self.is_set:
            return None
        return next((opens for opens, _closes in self._days(at, LOOK_AHEAD) if opens > at), None)

    def after_open_minutes(self, at: datetime, minutes: int) -> datetime:
        """The moment at which so many minutes of opening have gone by: when an answer is due."""
        left = timedelta(minutes=minutes)
        for opens, closes in self._days(at, LOOK_AHEAD) if self.is_set else ():
            begins = max(opens, at)
            if closes <= begins:
                continue
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        return at + left

    def before_open_minutes(self, at: datetime, minutes: int) -> datetime:
        """The moment since which so many minutes of opening have gone by, within the last two months."""
        left, earliest = timedelta(minutes=minutes), at - timedelta(days=LOOK_AHEAD)
        for opens, closes in reversed(self.opened(earliest, at)):
            if closes - opens >= left:
                return closes - left
            left -= closes - opens
        return earliest

    def opened(self, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """Every span of opening between two moments, in UTC: there a difference is true on the day clocks change."""
        found = []
        for opens, closes in self._days(since, (until - since).days + 2):
            begins, ends = max(opens, since).astimezone(UTC), min(closes, until).astimezone(UTC)
            if begins < ends:
                found.append((begins, ends))
        return found

    def _days(self, at: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Each span of opening from the day of `at` on, as moments."""
        today = at.astimezone(self.zone).date()
        for offset in range(days):
            day = today + timedelta(days=offset)
            if day in self.closed:
                continue
            for opens, closes in self.spans.get(day.weekday(), []) if self.is_set else BY_DAY:
                yield self._moment(day, opens), self._moment(day, closes)

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone)


def schedule_of(center: Center) -> Schedule:
    """One query, where hours are set: a text that comes in asks for it."""
    closed_days = ClosedDay.objects.filter(center=OuterRef("center")).values("day")
    rows = OpeningHours.objects.filter(center=center).order_by("weekday", "opens")
    spans: dict[int, list[tuple[time, time]]] = {}
    closed: frozenset[date] = frozenset()
    for row in rows.annotate(closed_days=ArraySubquery(closed_days)):
        spans.setdefault(row.weekday, []).append((row.opens, row.closes))
        closed = frozenset(row.closed_days)
    if not spans:
        closed = frozenset(ClosedDay.objects.filter(center=center).values_list("day", flat=True))
    return Schedule(center.zone, spans, closed)


def say_opening(center: Center, language: str, now: datetime) -> str:
    """The next opening as a client reads it, in a language and on the center's clock."""
    schedule = schedule_of(center)
    return say_when(schedule.next_opening(now), now.astimezone(schedule.zone), language)
