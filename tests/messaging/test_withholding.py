"""What the center says by itself and what waited to leave is looked at once more, and held back when it is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from jobs.runner import run_due
from messaging.actions import text_back
from messaging.actions.closing import close
from messaging.actions.pausing import send_again
from messaging.actions.promises import settle
from messaging.models import (
    Conversation,
    FollowUp,
    FollowUpKind,
    FollowUpOutcome,
    Line,
    Message,
    Outcome,
    Purpose,
    SendingTrouble,
    Status,
)
from tenancy.scope import in_center
from tests.doors import signed_in, text_in
from tests.messaging.conftest import Reply
from tests.messaging.test_calls import call, page
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 27, 17, tzinfo=UTC)  # in New York, where the center is
EVENING = datetime(2026, 11, 28, 1, 55, tzinfo=UTC)  # five minutes to nine there


@pytest.fixture(autouse=True)
def _mobile(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every number is a mobile phone. What Lookup was asked."""
    asked: list[str] = []
    monkeypatch.setattr(text_back, "is_mobile", lambda door, number: asked.append(number) or True)
    return asked


def at(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


def pause(line: Line, until: datetime) -> None:
    with in_center(line.center_id):
        SendingTrouble.objects.create(line=line, center_id=line.center_id, failures=9, paused_until=until)


def the_text(line: Line) -> Message:
    with in_center(line.center_id):
        return Message.objects.exclude(purpose=Purpose.PERSON).get()


def reasons(line: Line, event: Event) -> list[str]:
    with in_center(line.center_id):
        return [str(entry.facts["reason"]) for entry in LogEntry.objects.filter(event=event).order_by("pk")]


def missed_while_paused(line: Line, *, begun: datetime, until: datetime) -> None:
    """A text after a missed call is written, and cannot leave because the line pauses."""
    with at(begun):
        pause(line, until)
        call(line)
        call(line, "call_status")
    with at(begun + timedelta(seconds=70)):
        run_due(limit=200)
    assert the_text(line).status == Status.QUEUED


def test_a_text_after_a_missed_call_that_waited_does_not_leave_at_night(twin: TwinProcess, line: Line) -> None:
    missed_while_paused(line, begun=EVENING, until=EVENING + timedelta(minutes=6))
    with at(EVENING + timedelta(minutes=7)):
        run_due(limit=200)
    assert twin.texts == []
    assert the_text(line).status == Status.WITHHELD
    assert reasons(line, Event.TEXT_BACK_WITHHELD) == ["quiet_hours"]


def test_it_leaves_after_a_short_pause(twin: TwinProcess, line: Line) -> None:
    missed_while_paused(line, begun=NOON, until=NOON + timedelta(minutes=6))
    with at(NOON + timedelta(minutes=7)):
        run_due(limit=200)
    assert len(twin.texts) == 1
    assert reasons(line, Event.TEXT_BACK_WITHHELD) == []


@pytest.mark.parametrize("purpose", [Purpose.AUTO_REPLY, Purpose.MISSED_CALL])
def test_what_waited_for_a_quarter_of_an_hour_stays_here_and_the_thread_says_so(
    twin: TwinProcess, line: Line, naomi: Membership, purpose: Purpose
) -> None:
    if purpose == Purpose.MISSED_CALL:
        missed_while_paused(line, begun=NOON, until=NOON + timedelta(minutes=30))
    else:
        with at(NOON):
            pause(line, NOON + timedelta(minutes=30))
            text_in(line, "hello")
            run_due(limit=200)
    with at(NOON + timedelta(minutes=31)):
        run_due(limit=200)
        assert "Held back: it was no longer right" in page(line, naomi)
    assert twin.texts == []
    event = Event.AUTO_REPLY_WITHHELD if purpose == Purpose.AUTO_REPLY else Event.TEXT_BACK_WITHHELD
    assert reasons(line, event) == ["too_late"]
    with in_center(line.center_id):
        assert FollowUp.objects.open().exists(), "what she is owed stays owed"
        assert Conversation.objects.get().failed_at is None


def test_an_admin_s_send_again_lets_no_old_text_go(twin: TwinProcess, line: Line, adina: Membership) -> None:
    missed_while_paused(line, begun=NOON, until=NOON + timedelta(hours=9))
    with at(NOON + timedelta(hours=9)):
        with in_center(line.center_id):
            send_again(line, by=adina)
        run_due(limit=200)
    assert twin.texts == []


def _she_writes(line: Line, reply: Reply, naomi: Membership) -> None:
    text_in(line, "I just called you", MessageSid="SM" + "7" * 32)


def _she_asks_for_no_texts(line: Line, reply: Reply, naomi: Membership) -> None:
    text_in(line, "please stop texting me ok", MessageSid="SM" + "7" * 32)


def _somebody_deals_with_it(line: Line, reply: Reply, naomi: Membership) -> None:
    with in_center(line.center_id):
        settle(FollowUp.objects.get(kind=FollowUpKind.MISSED_CALL), outcome=FollowUpOutcome.REACHED, by=naomi)


def _somebody_closes_it(line: Line, reply: Reply, naomi: Membership) -> None:
    with in_center(line.center_id):
        close(Conversation.objects.get(), outcome=Outcome.SPAM, by=naomi)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (_she_writes, "spoke_since"),
        (_she_asks_for_no_texts, "asked_to_stop"),
        (_somebody_deals_with_it, "dealt_with"),
        (_somebody_closes_it, "closed"),
    ],
)
def test_what_happens_while_it_waits_holds_it_back(
    twin: TwinProcess, line: Line, naomi: Membership, happens: Callable[..., None], reason: str
) -> None:
    missed_while_paused(line, begun=NOON, until=NOON + timedelta(minutes=6))
    with at(NOON + timedelta(minutes=3)):
        happens(line, None, naomi)
    with at(NOON + timedelta(minutes=7)):
        run_due(limit=200)
    assert [text for text in twin.texts if "missed your call" in text["body"]] == []
    assert reasons(line, Event.TEXT_BACK_WITHHELD) == [reason]


def test_an_automatic_answer_stays_when_a_person_has_answered_meanwhile(
    twin: TwinProcess, line: Line, reply: Reply, naomi: Membership
) -> None:
    with in_center(line.center_id):
        began = Conversation.objects.get().waiting_since
    assert began is not None
    pause(line, began + timedelta(minutes=5))
    with at(began + timedelta(seconds=1)):
        run_due(limit=200)
        reply(naomi, "I am here")
    with at(began + timedelta(minutes=6)):
        run_due(limit=200)
    assert [text["body"] for text in twin.texts] == ["I am here"]
    assert reasons(line, Event.AUTO_REPLY_WITHHELD) == ["person_answered"]


def test_a_person_s_words_wait_as_long_as_it_takes(
    twin: TwinProcess, line: Line, reply: Reply, naomi: Membership
) -> None:
    message = reply(naomi, "I am here")
    assert message.send_after is not None
    pause(line, message.send_after + timedelta(hours=2))
    for minutes in (1, 121, 130):
        with at(message.send_after + timedelta(minutes=minutes)):
            run_due(limit=200)
    assert "I am here" in [text["body"] for text in twin.texts]


@pytest.mark.parametrize(
    "caller",
    ["+18765550123", "+19005550123", "+442071838750", "+18005550123", "+12425550123"],
    ids=["jamaica", "premium", "britain", "free of charge", "bahamas"],
)
def test_numbers_far_away_or_dear_cost_neither_a_lookup_nor_a_text(line: Line, _mobile: list[str], caller: str) -> None:
    with at(NOON):
        call(line, From=caller)
        call(line, "call_status", From=caller)
    with at(NOON + timedelta(seconds=70)):
        run_due(limit=200)
    assert _mobile == []
    assert reasons(line, Event.TEXT_BACK_WITHHELD) == ["not_near"]
    with in_center(line.center_id):
        assert FollowUp.objects.open().filter(kind=FollowUpKind.MISSED_CALL).count() == 1


@pytest.mark.parametrize("caller", ["+17875550123", "+14165550123"], ids=["puerto rico", "toronto"])
def test_numbers_of_the_neighbours_are_texted(line: Line, _mobile: list[str], caller: str) -> None:
    with at(NOON):
        call(line, From=caller)
        call(line, "call_status", From=caller)
    with at(NOON + timedelta(seconds=70)):
        run_due(limit=200)
    assert _mobile == [caller]


def test_a_flood_of_made_up_callers_costs_no_more_than_thirty_texts_an_hour(line: Line, _mobile: list[str]) -> None:
    for number in range(34):
        with at(NOON + timedelta(seconds=number)):
            one = {"From": f"+1614555{1000 + number}", "CallSid": "CA" + f"{number:032d}"}
            call(line, **one)
            call(line, "call_status", **one)
    with at(NOON + timedelta(seconds=120)):
        run_due(limit=500)
    assert _mobile == []
    assert set(reasons(line, Event.TEXT_BACK_WITHHELD)) == {"too_many"}
    with in_center(line.center_id):
        assert FollowUp.objects.open().filter(kind=FollowUpKind.MISSED_CALL).count() == 34
    with at(NOON + timedelta(hours=3)):
        call(line, CallSid="CA" + "9" * 32)
        call(line, "call_status", CallSid="CA" + "9" * 32)
    with at(NOON + timedelta(hours=3, seconds=70)):
        run_due(limit=500)
    assert len(_mobile) == 1


def test_the_log_tells_of_a_text_that_was_held_back(twin: TwinProcess, line: Line, adina: Membership) -> None:
    missed_while_paused(line, begun=NOON, until=NOON + timedelta(minutes=30))
    with at(NOON + timedelta(minutes=31)):
        run_due(limit=200)
    assert "A text after a missed call was held back" in signed_in(adina).get("/log/").content.decode()
