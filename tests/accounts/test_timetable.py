"""When a shift is, against a walk along the clock on the wall, minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.timetable import ALWAYS, Hours, Span, Standing, Timetable, beginning_of, end_of

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NEW_YORK, CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
# Clocks go forward and back at two, at midnight, by half an hour, by two hours, and not at all.
ZONES = [
    *(NEW_YORK, CHICAGO, ZoneInfo("America/Havana"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Antarctica/Troll")),
    *(ZoneInfo("America/Phoenix"), ZoneInfo("Pacific/Honolulu"), ZoneInfo("Asia/Beirut"), ZoneInfo("UTC")),
]
# Around both changes of 2026 in each of them, and a day on which nothing happens.
DAYS = [
    *(date(2026, 3, day) for day in (7, 8, 28, 29)),
    *(date(2026, 4, day) for day in (4, 5)),
    *(date(2026, 10, day) for day in (3, 4, 24, 25, 31)),
    *(date(2026, 11, 1), date(2026, 7, 15)),
]
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 29, 30, 31, 45, 59]))
spans = st.builds(Span, clocks, clocks)
shifts = st.lists(spans, max_size=3)


def walk(day: date, span: Span, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The first minute at which the clock shows the beginning or more, and the one after the last that shows less than
    the end: found by looking at every minute, with no arithmetic of zones at all."""
    starts = datetime.combine(day, span.begins)
    ends = datetime.combine(day + DAY if span.ends <= span.begins else day, span.ends)
    seen = minutes_seen(day, zone)
    first = next(minute for minute, shown in seen if shown >= starts)
    last = next(minute for minute, shown in reversed(seen) if shown < ends)
    return (first, last + MINUTE) if first <= last else None


@lru_cache
def minutes_seen(day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Each minute from the day before to the day after, with what the clock on the wall shows then."""
    minutes = (datetime.combine(day - DAY, time(), tzinfo=UTC) + number * MINUTE for number in range(4 * 24 * 60))
    return [(minute, minute.astimezone(zone).replace(tzinfo=None)) for minute in minutes]


@settings(max_examples=150, deadline=None)
@given(zone=st.sampled_from(ZONES), day=st.sampled_from(DAYS), span=spans)
@example(zone=NEW_YORK, day=date(2026, 3, 8), span=Span(time(2, 15), time(2, 45)))
@example(zone=NEW_YORK, day=date(2026, 3, 8), span=Span(time(2, 30), time(4)))
@example(zone=NEW_YORK, day=date(2026, 11, 1), span=Span(time(1, 30), time(2)))
@example(zone=NEW_YORK, day=date(2026, 10, 31), span=Span(time(22), time(1, 30)))
@example(zone=NEW_YORK, day=date(2026, 11, 1), span=Span(time(0), time(1)))
@example(zone=ZoneInfo("America/Havana"), day=date(2026, 3, 7), span=Span(time(18), time(0)))
@example(zone=ZoneInfo("America/Havana"), day=date(2026, 3, 8), span=Span(time(0), time(0)))
def test_a_shift_is_what_the_clock_on_the_wall_says(zone: ZoneInfo, day: date, span: Span) -> None:
    begins, ends = beginning_of(day, span, zone), end_of(day, span, zone)
    walked = walk(day, span, zone)
    assert walked == (begins, ends) if walked else begins >= ends


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    around=st.sampled_from(DAYS),
    week=st.dictionaries(st.integers(0, 6), shifts),
    single=st.dictionaries(st.integers(-1, 2), shifts),
    minute=st.integers(0, 24 * 60 - 1),
    extended=st.none() | st.integers(1, 600),
)
def test_how_somebody_stands_is_what_a_walk_finds(
    zone: ZoneInfo,
    around: date,
    week: dict[int, list[Span]],
    single: dict[int, list[Span]],
    minute: int,
    extended: int | None,
) -> None:
    hours = Hours(week, {around + number * DAY: spans for number, spans in single.items()})
    at = datetime.combine(around, time(), tzinfo=UTC) + minute * MINUTE
    until = at + extended * MINUTE if extended else None
    on = minutes_on(hours, zone, around)
    on |= {at + number * MINUTE for number in range(extended or 0)}
    standing = Timetable(zone, hours, until).standing(at)
    assert standing.is_on == (at in on)
    horizon = datetime.combine(around + 3 * DAY, time(), tzinfo=UTC)
    change = next((moment for moment in minutes_from(at, horizon) if (moment in on) != (at in on)), None)
    if change is None:
        assert standing.until is None or standing.until >= horizon
    else:
        assert standing.until == change


def minutes_on(hours: Hours, zone: ZoneInfo, around: date) -> set[datetime]:
    """Every minute of the days around at which a shift is on."""
    found: set[datetime] = set()
    for number in range(-3, 6):
        day = around + number * DAY
        for span in hours.days.get(day, hours.week.get(day.weekday(), [])):
            if walked := walk(day, span, zone):
                found.update(minutes_from(*walked))
    return found


def minutes_from(begins: datetime, ends: datetime) -> list[datetime]:
    return [begins + number * MINUTE for number in range((ends - begins) // MINUTE)]


def in_new_york(*moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=NEW_YORK, fold=fold)  # type: ignore[misc,arg-type]


def night(**more: object) -> Timetable:
    """Fridays from ten in the evening to six in the morning."""
    return Timetable(NEW_YORK, Hours({4: [Span(time(22), time(6))]}, {}), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "is_on", "until"),
    [
        (in_new_york(2026, 11, 27, 21, 59), False, in_new_york(2026, 11, 27, 22)),
        (in_new_york(2026, 11, 27, 22), True, in_new_york(2026, 11, 28, 6)),
        (in_new_york(2026, 11, 28, 5, 59), True, in_new_york(2026, 11, 28, 6)),
        (in_new_york(2026, 11, 28, 6), False, in_new_york(2026, 12, 4, 22)),
    ],
)
def test_a_night_goes_on_over_midnight(at: datetime, is_on: bool, until: datetime) -> None:
    assert night().standing(at) == Standing(is_on, until)


def test_a_night_in_which_clocks_go_back_is_an_hour_longer() -> None:
    hours = Hours({5: [Span(time(22), time(6))]}, {})
    standing = Timetable(NEW_YORK, hours).standing(in_new_york(2026, 10, 31, 22))
    assert standing.until is not None
    assert standing.until - in_new_york(2026, 10, 31, 22).astimezone(UTC) == timedelta(hours=9)


def test_a_day_off_takes_the_shift_that_begins_on_it_and_not_the_end_of_the_night_before() -> None:
    hours = Hours({4: [Span(time(22), time(6))], 5: [Span(time(9), time(12))]}, {date(2026, 11, 28): []})
    timetable = Timetable(NEW_YORK, hours)
    assert timetable.standing(in_new_york(2026, 11, 28, 5)).is_on
    assert not timetable.standing(in_new_york(2026, 11, 28, 10)).is_on


def test_shifts_that_follow_each_other_are_one() -> None:
    hours = Hours({4: [Span(time(9), time(12)), Span(time(12), time(0))], 5: [Span(time(0), time(3))]}, {})
    assert Timetable(NEW_YORK, hours).standing(in_new_york(2026, 11, 27, 10)).until == in_new_york(2026, 11, 28, 3)


def test_more_time_goes_on_into_the_next_shift() -> None:
    longer = night(extended_until=in_new_york(2026, 11, 27, 22, 30))
    assert longer.standing(in_new_york(2026, 11, 27, 21)) == Standing(True, in_new_york(2026, 11, 28, 6))


def test_time_that_was_given_once_is_over_once() -> None:
    longer = night(extended_until=in_new_york(2026, 11, 26, 18))
    assert not longer.standing(in_new_york(2026, 11, 27, 21)).is_on


def test_whoever_is_bound_to_every_hour_has_no_end_in_sight() -> None:
    always = Timetable(NEW_YORK, Hours({day: [Span(time(0), time(0))] for day in range(7)}, {}))
    assert always.standing(in_new_york(2026, 11, 27, 10)) == ALWAYS


def test_whoever_has_no_hours_waits_for_nothing() -> None:
    assert Timetable(NEW_YORK, Hours({}, {})).standing(in_new_york(2026, 11, 27, 10)) == Standing(False, None)
