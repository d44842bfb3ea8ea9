"""Nobody waits for somebody whose hours are over."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.actions import shifts
from accounts.models import Membership
from accounts.timetable import Hours, Span
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.assignment import return_what_waits
from messaging.models import Conversation, EventKind, Line, ThreadEvent
from tenancy.scope import in_center
from tests.doors import text_in

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 27, tzinfo=ZoneInfo("America/New_York"))
NOON, EVENING = FRIDAY.replace(hour=12), FRIDAY.replace(hour=17, minute=1)


@pytest.fixture
def held(naomi: Membership, adina: Membership, line: Line) -> Conversation:
    """A conversation of somebody who is here on Fridays from nine to five."""
    text_in(line)
    with in_center(naomi.center_id):
        shifts.set_hours(naomi, Hours({4: [Span(time(9), time(17))]}, {}), by=adina)
        row = Conversation.objects.get()
        Conversation.objects.filter(pk=row.pk).update(assignee=naomi.staff_id)
        return row


def _holder_at(row: Conversation, moment: datetime) -> object:
    with time_machine.travel(moment, tick=False):
        return_what_waits()
    with in_center(row.center_id):
        return Conversation.objects.get(pk=row.pk).assignee_id


def test_who_waits_goes_back_to_everybody_when_the_hours_of_her_holder_are_over(
    held: Conversation, naomi: Membership
) -> None:
    assert _holder_at(held, NOON) == naomi.staff_id
    assert _holder_at(held, EVENING) is None
    assert _holder_at(held, EVENING) is None, "once is enough"
    with in_center(held.center_id):
        (said,) = ThreadEvent.objects.filter(what=EventKind.AWAY)
        assert said.by_id == naomi.staff_id
        assert LogEntry.objects.filter(event=Event.UNASSIGNED_AWAY).count() == 1
        assert not held.follow_ups.open().exclude(owner=None).exists()


def test_what_waits_for_nobody_stays_hers_until_a_client_waits(
    held: Conversation, naomi: Membership, line: Line
) -> None:
    with in_center(held.center_id):
        Conversation.objects.filter(pk=held.pk).update(waiting_since=None)
    assert _holder_at(held, EVENING) == naomi.staff_id
    text_in(line, "Are you there?", MessageSid="SM" + "2" * 32)
    assert _holder_at(held, EVENING) is None


def test_whoever_comes_in_at_any_hour_keeps_what_she_holds(
    held: Conversation, naomi: Membership, adina: Membership
) -> None:
    with in_center(held.center_id):
        shifts.set_hours(naomi, None, by=adina)
    assert _holder_at(held, EVENING) == naomi.staff_id
