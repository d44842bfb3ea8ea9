from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Center
from messaging.actions.center_words import set_hours
from messaging.actions.opening import Schedule, schedule_of
from messaging.actions.words.moments import say_when
from tenancy.scope import in_center

NEW_YORK = ZoneInfo("America/New_York")
NINE, NOON, ONE, FIVE = time(9), time(12), time(13), time(17)
OFFICE = Schedule(NEW_YORK, {day: [(NINE, NOON), (ONE, FIVE)] for day in range(5)}, frozenset())
UNSET = Schedule(NEW_YORK, {}, frozenset())


def at(text: str) -> datetime:
    """A moment on the center's own clock."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-06-01T08:59:59", False),
        ("2026-06-01T09:00", True),
        ("2026-06-01T11:59:59", True),
        ("2026-06-01T12:00", False),
        ("2026-06-01T13:00", True),
        ("2026-06-01T17:00", False),
        ("2026-06-06T10:00", False),
    ],
)
def test_it_is_open_in_its_spans_on_its_own_clock(moment: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(moment)) is is_open
    assert OFFICE.is_open(at(moment).astimezone(UTC)) is is_open


def test_a_closed_day_is_closed_whatever_the_hours_say() -> None:
    holiday = Schedule(NEW_YORK, OFFICE.spans, frozenset({date(2026, 6, 1)}))
    assert not holiday.is_open(at("2026-06-01T10:00"))
    assert holiday.next_opening(at("2026-06-01T10:00")) == at("2026-06-02T09:00")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-06-01T07:00", "2026-06-01T09:00"),
        ("2026-06-01T12:30", "2026-06-01T13:00"),
        ("2026-06-01T18:00", "2026-06-02T09:00"),
        ("2026-06-05T18:00", "2026-06-08T09:00"),
        ("2026-03-07T23:00", "2026-03-09T09:00"),  # the clock moves on in between
        ("2026-10-30T18:00", "2026-11-02T09:00"),  # and back
    ],
)
def test_the_next_opening_is_the_next_span_that_begins(moment: str, opens: str) -> None:
    assert OFFICE.next_opening(at(moment)) == at(opens)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-06-01T10:00", "2026-06-01T10:15"),
        ("2026-06-01T11:50", "2026-06-01T13:05"),
        ("2026-06-01T11:45", "2026-06-01T12:00"),
        ("2026-06-01T03:00", "2026-06-01T09:15"),
        ("2026-06-05T16:50", "2026-06-08T09:05"),
        ("2026-06-06T12:00", "2026-06-08T09:15"),
    ],
)
def test_an_answer_is_due_after_fifteen_minutes_of_opening(moment: str, due: str) -> None:
    assert OFFICE.after_open_minutes(at(moment), 15) == at(due)


@pytest.mark.parametrize(
    ("clock", "is_open"), [("03:00", False), ("07:59:59", False), ("08:00", True), ("20:59:59", True), ("21:00", False)]
)
def test_a_center_that_has_set_no_hours_counts_as_open_by_day_and_as_closed_at_night(clock: str, is_open: bool) -> None:
    assert UNSET.is_open(at(f"2026-06-06T{clock}")) is is_open
    assert not Schedule(NEW_YORK, {}, frozenset({date(2026, 6, 6)})).is_open(at(f"2026-06-06T{clock}"))


def test_a_center_that_has_set_no_hours_promises_none_and_owes_answers_in_fifteen_minutes_at_any_hour() -> None:
    now = at("2026-06-06T03:00")
    assert UNSET.next_opening(now) is None
    assert UNSET.after_open_minutes(now, 15) == now + timedelta(minutes=15)


def test_a_center_that_is_closed_for_months_still_owes_an_answer_some_day() -> None:
    away = Schedule(NEW_YORK, OFFICE.spans, frozenset(date(2026, 6, 1) + timedelta(days=n) for n in range(90)))
    assert away.after_open_minutes(at("2026-06-01T10:00"), 15) >= at("2026-06-01T10:15")


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(moments, st.integers(1, 600))
def test_what_is_due_is_never_before_it_was_asked_and_always_while_open_or_at_closing(
    moment: datetime, minutes: int
) -> None:
    due = OFFICE.after_open_minutes(moment, minutes)
    assert due >= moment + timedelta(minutes=minutes)
    assert OFFICE.is_open(due - timedelta(seconds=1))


@given(moments)
def test_the_next_opening_is_open_and_the_moment_before_it_is_not(moment: datetime) -> None:
    opens = OFFICE.next_opening(moment)
    assert opens is not None
    assert opens > moment
    assert OFFICE.is_open(opens)
    assert not OFFICE.is_open(opens - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        ("2026-06-01T07:00", "today at 9 am", "hoy a las 9 am"),
        ("2026-06-01T12:30", "today at 1 pm", "hoy a la 1 pm"),
        ("2026-06-01T18:00", "tomorrow at 9 am", "mañana a las 9 am"),
        ("2026-06-05T18:00", "on Monday at 9 am", "el lunes a las 9 am"),
    ],
)
def test_the_next_opening_is_said_as_people_say_it(moment: str, english: str, spanish: str) -> None:
    opens = OFFICE.next_opening(at(moment))
    assert say_when(opens, at(moment), "en") == english
    assert say_when(opens, at(moment), "es") == spanish


def test_an_opening_far_away_is_said_with_its_date() -> None:
    now, opens = at("2026-12-18T18:00"), at("2026-12-28T09:00")
    assert say_when(opens, now, "en") == "on December 28 at 9 am"
    assert say_when(opens.replace(hour=12, minute=30), now, "en") == "on December 28 at 12:30 pm"
    assert say_when(opens, now, "es") == "el 28 de diciembre a las 9 am"


def test_who_does_not_know_when_it_opens_does_not_promise() -> None:
    assert say_when(None, at("2026-06-01T07:00"), "en") == "as soon as we can"
    assert say_when(None, at("2026-06-01T07:00"), "es") == "en cuanto podamos"


@pytest.mark.django_db
def test_a_closed_day_counts_where_no_hours_are_set(center: Center) -> None:
    with in_center(center.pk):
        set_hours(center, [], [date(2026, 12, 25)])
        assert schedule_of(center) == Schedule(NEW_YORK, {}, frozenset({date(2026, 12, 25)}))


@pytest.mark.django_db
def test_the_hours_of_a_center_are_read_in_one_query(center: Center, django_assert_num_queries: object) -> None:
    with in_center(center.pk):
        set_hours(center, [(0, NINE, NOON), (0, ONE, FIVE)], [date(2026, 12, 25), date(2026, 12, 26)])
        with django_assert_num_queries(1):  # type: ignore[operator]
            schedule = schedule_of(center)
    assert schedule.spans == {0: [(NINE, NOON), (ONE, FIVE)]}
    assert schedule.closed == {date(2026, 12, 25), date(2026, 12, 26)}


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-06-01T11:00", "2026-06-01T14:00", 2),
        ("2026-06-05T16:00", "2026-06-08T10:00", 2),
        ("2026-06-06T10:00", "2026-06-07T10:00", 0),
        ("2026-06-01T09:00", "2026-06-08T09:00", 35),
    ],
)
def test_of_a_wait_the_open_hours_alone_are_counted(since: str, until: str, hours: int) -> None:
    opened = OFFICE.opened(at(since), at(until))
    assert sum((ends - begins for begins, ends in opened), timedelta()) == timedelta(hours=hours)


def test_on_the_day_clocks_change_the_hours_that_passed_are_counted() -> None:
    all_day = Schedule(NEW_YORK, {day: [(time(0), time(12))] for day in range(7)}, frozenset())
    [(begins, ends)] = all_day.opened(at("2027-03-14T00:00"), at("2027-03-14T18:00"))
    assert ends - begins == timedelta(hours=11)
