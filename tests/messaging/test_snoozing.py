"""A conversation that can rest is put aside: it comes back by the clock, and at once when she has something to say."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from jobs.runner import run_due
from messaging.actions.snoozing import next_day_we_open
from messaging.models import ClosedDay, Conversation, EventKind, FollowUp, FollowUpKind, Line, OpeningHours, ThreadEvent
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in
from tests.messaging.conftest import Reply
from tests.messaging.test_calls import call

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")
NOON = datetime(2026, 12, 1, 12, tzinfo=ZONE)
NINE = datetime(2026, 12, 2, 9, tzinfo=ZONE)
LISTS = ("open", "mine", "unassigned", "waiting", "failed", "snoozed", "done")


@pytest.fixture(autouse=True)
def _a_day_at_noon() -> Iterator[None]:
    with time_machine.travel(NOON.astimezone(UTC), tick=True):
        yield


@pytest.fixture
def answered(conversation: Conversation, reply: Reply, naomi: Membership) -> Conversation:
    """Naomi has answered, and nothing waits."""
    reply(naomi)
    return conversation


def put_aside(member: Membership, row: Conversation, when: str = "moment", until: str = "2026-12-02T09:00") -> str:
    posted = {"when": when, "until": until}
    page = signed_in(member).post(f"/conversations/{row.pk}/snooze/", posted, secure=True, follow=True)
    return str(page.content.decode())


def lists_with(row: Conversation, member: Membership) -> set[str]:
    """The views in which the page shows it."""
    client = signed_in(member)
    pages = {view: client.get(f"/?view={view}").content.decode() for view in LISTS}
    return {view for view, page in pages.items() if f"row-{row.pk}" in page}


def events(row: Conversation) -> list[str]:
    with in_center(row.center_id):
        kinds = (EventKind.SNOOZED, EventKind.WOKEN, EventKind.CAME_BACK)
        return list(ThreadEvent.objects.filter(conversation=row, what__in=kinds).values_list("what", flat=True))


def owed(row: Conversation) -> list[Any]:
    with in_center(row.center_id):
        found = FollowUp.objects.open().filter(conversation=row, kind=FollowUpKind.SNOOZED)
        return list(found.values_list("owner", "due_at"))


def test_it_rests_until_its_moment_and_is_back_by_the_clock_alone_and_said_once_by_the_job(
    answered: Conversation, naomi: Membership
) -> None:
    assert lists_with(answered, naomi) == {"open", "mine"}, "or this proves nothing"
    put_aside(naomi, answered)
    assert lists_with(answered, naomi) == {"snoozed"}
    assert owed(answered) == [(naomi.staff_id, NINE)]
    with time_machine.travel((NINE + timedelta(seconds=1)).astimezone(UTC)):
        assert lists_with(answered, naomi) == {"open", "mine"}, "though no job has run"
        run_due(limit=200)
        run_due(limit=200)
        assert lists_with(answered, naomi) == {"open", "mine"}
    assert events(answered) == [EventKind.SNOOZED, EventKind.CAME_BACK]
    assert owed(answered) == [(naomi.staff_id, NINE)], "somebody is to look at it, and says what became of it"
    with in_center(answered.center_id):
        assert set(LogEntry.objects.values_list("event", flat=True)) >= {Event.SNOOZED, Event.WOKEN}


@pytest.mark.parametrize("way", ["text", "call"])
def test_it_is_back_at_once_when_she_writes_or_calls_and_does_not_fall_asleep_again(
    line: Line, answered: Conversation, naomi: Membership, reply: Reply, way: str
) -> None:
    put_aside(naomi, answered)
    if way == "text":
        text_in(line, "Are you there?", MessageSid=sid(9))
    else:
        call(line)
        call(line, "call-status", CallStatus="completed")
    assert lists_with(answered, naomi) == {"open", "mine", "waiting"}
    reply(naomi, "Yes")
    assert "snoozed" not in lists_with(answered, naomi)


def test_who_waits_for_an_answer_is_never_put_aside(conversation: Conversation, naomi: Membership) -> None:
    page = put_aside(naomi, conversation)
    assert "She is waiting for an answer" in page
    assert lists_with(conversation, naomi) == {"open", "unassigned", "waiting"}
    assert events(conversation) == []


@pytest.mark.parametrize("until", ["", "2026-11-30T09:00", "2099-01-01T09:00", "soon"])
def test_a_moment_that_is_none_puts_nothing_aside(answered: Conversation, naomi: Membership, until: str) -> None:
    assert "othing was put aside" in put_aside(naomi, answered, until=until)
    assert lists_with(answered, naomi) == {"open", "mine"}


def test_whoever_takes_it_up_again_has_undone_it(answered: Conversation, naomi: Membership) -> None:
    put_aside(naomi, answered, when="later")
    signed_in(naomi).post(f"/conversations/{answered.pk}/wake/", secure=True)
    assert lists_with(answered, naomi) == {"open", "mine"}
    assert owed(answered) == []
    with time_machine.travel((NINE + timedelta(days=1)).astimezone(UTC)):
        run_due(limit=200)
    assert events(answered) == [EventKind.SNOOZED, EventKind.WOKEN]


def test_what_a_colleague_holds_is_not_hers_to_put_aside(
    answered: Conversation, naomi: Membership, mara: Membership
) -> None:
    for act in ("snooze", "wake"):
        posted = signed_in(mara).post(f"/conversations/{answered.pk}/{act}/", {"when": "later"}, secure=True)
        assert posted.status_code == 404
    assert events(answered) == []


def test_the_next_day_we_open_passes_over_closed_days_and_clock_changes(line: Line) -> None:
    with in_center(line.center_id):
        OpeningHours.objects.all().delete()
        for weekday in (5, 6, 0):
            OpeningHours.objects.create(center=line.center, weekday=weekday, opens=time(9), closes=time(17))
        friday, saturday = (datetime(2027, 3, day, 23, tzinfo=ZONE) for day in (12, 13))
        assert next_day_we_open(line.center, friday) == datetime(2027, 3, 13, 9, tzinfo=ZONE)
        opening = next_day_we_open(line.center, saturday)
        assert opening.astimezone(UTC) == datetime(2027, 3, 14, 13, tzinfo=UTC), "nine by the new clock"
        ClosedDay.objects.create(center=line.center, day=date(2027, 3, 14))
        assert next_day_we_open(line.center, saturday).date() == date(2027, 3, 15)
        OpeningHours.objects.all().delete()
        assert next_day_we_open(line.center, timezone.now()) == datetime(2026, 12, 2, 8, tzinfo=ZONE)
