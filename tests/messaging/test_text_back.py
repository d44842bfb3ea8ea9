"""One text after a missed call: where it is lawful and cannot hurt, once a day, and never instead of a call back."""

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
from messaging.actions.promises import settle
from messaging.models import (
    Client,
    ContactWay,
    Conversation,
    FollowUp,
    FollowUpKind,
    FollowUpOutcome,
    Line,
    Message,
    Outcome,
    PhoneNumber,
    Purpose,
    Template,
    TemplateUse,
)
from messaging.twilio import Busy
from tenancy.scope import in_center
from tests.cast import PHONE
from tests.doors import text_in
from tests.messaging.conftest import Reply
from tests.messaging.test_calls import STAFF, call, leg, owed
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 27, 17, tzinfo=UTC)  # in New York, where the center is


@pytest.fixture(autouse=True)
def _mobile(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Lookup says of every number."""
    answers: list[bool | Exception | None] = [True]

    def is_mobile(door: object, number: str) -> bool | None:
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]

    monkeypatch.setattr(text_back, "is_mobile", is_mobile)
    return answers


def missed(line: Line, **replaced: Any) -> None:
    call(line, **replaced)
    call(line, "call_status", **replaced)


def texts(line: Line) -> list[Message]:
    with in_center(line.center_id):
        return list(Message.objects.filter(purpose=Purpose.MISSED_CALL))


def withheld(line: Line) -> list[str]:
    with in_center(line.center_id):
        found = LogEntry.objects.filter(event=Event.TEXT_BACK_WITHHELD).order_by("pk")
        return [str(entry.facts["reason"]) for entry in found]


def after(line: Line, *, begun: datetime = NOON, seconds: int = 70, then: Callable[[], Any] | None = None) -> int:
    """She calls, nobody answers, something happens, and a minute goes by. Returns how many texts there are."""
    with time_machine.travel(begun, tick=False):
        missed(line)
        if then is not None:
            then()
    with time_machine.travel(begun + timedelta(seconds=seconds), tick=False):
        run_due(limit=200)
    return len(texts(line))


def test_one_text_follows_a_minute_later_and_the_follow_up_stays(twin: TwinProcess, line: Line) -> None:
    assert after(line, seconds=50) == 0
    assert after(line, seconds=70) == 1
    (text,) = texts(line)
    assert "sorry we missed your call" in text.body
    assert owed(line) == 1
    assert PHONE in str(twin.ledger)


def test_the_text_says_nothing_of_what_the_center_is(line: Line) -> None:
    with in_center(line.center_id):
        for template in Template.objects.filter(use=TemplateUse.MISSED_CALL):
            for telling in ("harbor", "pregnan", "embaraz", "clinic", "center", "centro", "health", "baby"):
                assert telling not in template.body.casefold()


def test_she_is_answered_in_her_language(line: Line) -> None:
    with time_machine.travel(NOON - timedelta(days=2)):
        text_in(line, "hola, necesito ayuda por favor")
        run_due(limit=200)
    assert after(line) == 1
    assert texts(line)[0].body.startswith("Hola")


def test_many_calls_bring_one_text_a_day(twin: TwinProcess, line: Line) -> None:
    for number in range(3):
        with time_machine.travel(NOON + timedelta(hours=number), tick=False):
            missed(line, CallSid=f"CA{number}" + "4" * 31)
        with time_machine.travel(NOON + timedelta(hours=number, seconds=70), tick=False):
            run_due(limit=200)
    assert len(texts(line)) == 1
    assert withheld(line) == ["one_a_day", "one_a_day"]
    with time_machine.travel(NOON + timedelta(hours=27), tick=False):
        missed(line)
    with time_machine.travel(NOON + timedelta(hours=27, seconds=70), tick=False):
        run_due(limit=200)
    assert len(texts(line)) == 2


def test_none_follows_after_her_stop(line: Line) -> None:
    assert after(line, then=lambda: text_in(line, "STOP")) == 0
    assert withheld(line) == ["opted_out"]
    assert owed(line) == 1


def test_none_follows_when_she_would_rather_be_called(line: Line) -> None:
    assert after(line, then=lambda: _prefers(line, ContactWay.CALL)) == 0
    assert withheld(line) == ["prefers_calls"]


def test_a_wish_for_texts_holds_none_back(line: Line) -> None:
    assert after(line, then=lambda: _prefers(line, ContactWay.TEXT)) == 1


def _prefers(line: Line, way: ContactWay) -> None:
    with in_center(line.center_id):
        Client.objects.update(prefers=way)


def test_none_follows_while_it_is_open_whether_she_wants_texts(line: Line) -> None:
    assert after(line, then=lambda: text_in(line, "please stop texting me ok")) == 0
    assert withheld(line) == ["asked_to_stop"]


def test_none_goes_to_what_is_not_known_to_be_a_mobile_phone(line: Line, _mobile: list[Any]) -> None:
    _mobile[:] = [False]
    assert after(line) == 0
    assert withheld(line) == ["not_mobile"]
    with in_center(line.center_id):
        assert PhoneNumber.objects.get().line_type == "other"


def test_what_lookup_does_not_know_is_not_kept_and_asked_again(line: Line, _mobile: list[Any]) -> None:
    _mobile[:] = [None]
    assert after(line) == 0
    assert withheld(line) == ["line_type_unknown"]
    with in_center(line.center_id):
        assert PhoneNumber.objects.get().line_type == ""
    _mobile[:] = [True]
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        missed(line, CallSid="CA" + "8" * 32)
    with time_machine.travel(NOON + timedelta(days=1, seconds=70), tick=False):
        run_due(limit=200)
    assert len(texts(line)) == 1


def test_none_goes_out_when_lookup_cannot_be_had(line: Line, _mobile: list[Any]) -> None:
    _mobile[:] = [Busy()]
    after(line)
    for minutes in range(2, 12):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            run_due(limit=200)
    assert texts(line) == []
    assert withheld(line) == ["line_type_unknown"]
    assert owed(line) == 1


def test_what_lookup_said_is_not_asked_again(line: Line, _mobile: list[Any]) -> None:
    assert after(line) == 1
    _mobile[:] = [Busy()]
    with time_machine.travel(NOON + timedelta(days=2), tick=False):
        missed(line, CallSid="CA" + "8" * 32)
    with time_machine.travel(NOON + timedelta(days=2, seconds=70), tick=False):
        run_due(limit=200)
    assert len(texts(line)) == 2


@pytest.mark.parametrize(("hour", "count"), [(12, 0), (13, 1), (25, 1), (26, 0), (31, 0)])
def test_none_goes_out_at_night_on_the_center_s_clock(line: Line, hour: int, count: int) -> None:
    midnight = datetime(2026, 11, 27, tzinfo=UTC)  # 13 is 8 am in New York, 26 is 9 pm
    assert after(line, begun=midnight + timedelta(hours=hour)) == count
    assert withheld(line) == [] if count else ["quiet_hours"]


def test_none_goes_out_late(line: Line) -> None:
    assert after(line, seconds=16 * 60) == 0
    assert withheld(line) == ["too_late"]


def test_none_follows_when_a_person_has_written(line: Line, reply: Reply, naomi: Membership) -> None:
    with time_machine.travel(NOON, tick=False):
        missed(line)
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False):
        reply(naomi)
    with time_machine.travel(NOON + timedelta(seconds=70), tick=False):
        run_due(limit=200)
    assert texts(line) == []
    assert withheld(line) == ["spoke_since"]


def test_none_follows_when_she_has_written_herself(line: Line) -> None:
    with time_machine.travel(NOON, tick=False):
        missed(line)
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False):
        text_in(line, "I just called")
    with time_machine.travel(NOON + timedelta(seconds=70), tick=False):
        run_due(limit=200)
    assert texts(line) == []


def test_none_follows_when_somebody_dealt_with_it(line: Line, naomi: Membership) -> None:
    def deal() -> None:
        with in_center(line.center_id):
            owed_call = FollowUp.objects.get(kind=FollowUpKind.MISSED_CALL)
            settle(owed_call, outcome=FollowUpOutcome.REACHED, by=naomi)

    assert after(line, then=deal) == 0
    assert withheld(line) == ["dealt_with"]


def test_none_follows_when_the_conversation_was_closed(line: Line, naomi: Membership) -> None:
    def shut() -> None:
        with in_center(line.center_id):
            close(Conversation.objects.get(), outcome=Outcome.SPAM, by=naomi)

    assert after(line, then=shut) == 0


def test_none_follows_when_she_was_reached_by_another_call(line: Line) -> None:
    with in_center(line.center_id):
        line.staff_number = STAFF
        line.save()
    with time_machine.travel(NOON, tick=False):
        missed(line)
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False):
        again = {"CallSid": "CA" + "6" * 32}
        call(line, **again)
        call(line, "dial", DialCallStatus="completed", DialBridged="true", **again)
    with time_machine.travel(NOON + timedelta(seconds=70), tick=False):
        run_due(limit=200)
    assert texts(line) == []
    assert owed(line) == 0


def test_none_follows_while_she_rings_again(line: Line) -> None:
    with in_center(line.center_id):
        line.staff_number = STAFF
        line.save()
    with time_machine.travel(NOON, tick=False):
        missed(line)
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False):
        call(line, CallSid="CA" + "6" * 32)
    with time_machine.travel(NOON + timedelta(seconds=70), tick=False):
        run_due(limit=200)
    assert texts(line) == []


def test_none_follows_when_it_turns_out_that_they_talked(line: Line) -> None:
    with in_center(line.center_id):
        line.staff_number = STAFF
        line.save()
    assert after(line, then=lambda: leg(line, "whisper", Digits="1")) == 0
    assert owed(line) == 0


def test_none_follows_while_she_may_still_be_speaking(line: Line) -> None:
    with time_machine.travel(NOON, tick=False):
        call(line)
    with time_machine.travel(NOON + timedelta(seconds=90), tick=False):
        run_due(limit=200)
    assert texts(line) == []


def test_a_center_can_switch_it_off(line: Line) -> None:
    with in_center(line.center_id):
        line.text_back_off_at = NOON
        line.save()
    assert after(line) == 0
    assert withheld(line) == ["switched_off"]


def test_without_words_there_is_no_text(line: Line) -> None:
    with in_center(line.center_id):
        Template.objects.filter(use=TemplateUse.MISSED_CALL).update(retired_at=NOON)
    assert after(line) == 0
    assert withheld(line) == ["no_words"]


def test_a_withheld_number_gets_none(line: Line) -> None:
    with time_machine.travel(NOON, tick=False):
        for hook, more in (("voice", {}), ("record", {"RecordingSid": "RE" + "3" * 32}), ("call_status", {})):
            call(line, hook, From="anonymous", **more)
    with time_machine.travel(NOON + timedelta(seconds=70), tick=False):
        run_due(limit=200)
    assert texts(line) == []
    assert withheld(line) == ["not_textable"]
