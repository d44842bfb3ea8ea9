"""Calls: every caller hears something quiet, and whoever was not spoken with is called back."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine

from accounts.models import Center, Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.closing import close
from messaging.actions.lines import add_line
from messaging.actions.promises import settle
from messaging.models import (
    Call,
    CallState,
    Conversation,
    FollowUp,
    FollowUpKind,
    FollowUpOutcome,
    Line,
    Message,
    OpeningHours,
    Outcome,
    PhoneNumber,
    Purpose,
    Recording,
)
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, PHONE, TOKEN
from tests.doors import post_signed, sid, signed_in, text_in
from tests.messaging.conftest import work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db

STAFF = "+16145550177"
CALL, LEG, MESSAGE = "CA" + "1" * 32, "CA" + "9" * 32, "RE" + "1" * 32
NOON = datetime(2026, 11, 27, 17, tzinfo=UTC)  # in New York
Step = tuple[str, dict[str, str]]


def call(line: Line, hook: str = "voice", **replaced: Any) -> Any:
    status = "ringing" if hook == "voice" else "completed"
    values = {"MessageSid": None, "SmsSid": None, "CallSid": CALL, "CallStatus": status}
    return text_in(line, hook=hook, **{**values, **replaced})


def leg(line: Line, hook: str, **values: str) -> Any:
    posted = {"CallSid": LEG, "AccountSid": ACCOUNT, "From": LINE_NUMBER, "To": STAFF, "CallStatus": "in-progress"}
    return post_signed(f"/hooks/twilio/{line.pk}/{hook}?call={CALL}", {**posted, **values})


def recorded(line: Line, **values: str) -> Any:
    posted = {"CallSid": CALL, "AccountSid": ACCOUNT, "RecordingSid": MESSAGE, "RecordingStatus": "completed"}
    return post_signed(f"/hooks/twilio/{line.pk}/recording", {**posted, "RecordingDuration": "21", **values})


@pytest.fixture
def staffed(line: Line) -> Line:
    """The line rings a phone of the center."""
    with in_center(line.center_id):
        line.staff_number = STAFF
        line.save()
    return line


def owed(line: Line) -> int:
    with in_center(line.center_id):
        return FollowUp.objects.open().filter(kind=FollowUpKind.MISSED_CALL).count()


def the_call(line: Line) -> Call:
    with in_center(line.center_id):
        return Call.objects.get()


def verbs(response: Any) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(response.content))


def heard(response: Any) -> str:
    return " ".join(element.text or "" for element in verbs(response) if element.tag == "Say")


def names(response: Any) -> list[str]:
    return [element.tag for element in verbs(response)]


# What a caller hears


def test_without_a_phone_to_ring_a_caller_can_leave_a_message_at_once(line: Line) -> None:
    response = call(line)
    assert (response.status_code, response["Content-Type"]) == (200, "text/xml")
    assert names(response) == ["Say", "Say", "Say", "Say", "Record", "Say", "Hangup"]
    (record,) = (element for element in verbs(response) if element.tag == "Record")
    assert record.attrib["recordingStatusCallbackEvent"] == "completed absent"
    assert record.attrib["maxLength"] == "120"
    assert record.attrib["action"].startswith(f"https://quietline.test/hooks/twilio/{line.pk}/record")


def test_a_caller_is_told_in_both_languages_that_her_message_is_recorded_before_it_is(line: Line) -> None:
    said = heard(call(line))
    assert "Your message is recorded." in said
    assert "Su mensaje quedará grabado." in said


def test_what_a_caller_hears_does_not_say_what_the_center_is(staffed: Line) -> None:
    for response in (call(staffed), call(staffed, "dial", DialCallStatus="busy"), leg(staffed, "whisper")):
        words = response.content.decode().casefold()
        for telling in ("harbor", "pregnan", "embaraz", "clinic", "center", "health", "baby"):
            assert telling not in words


def test_a_client_hears_her_own_language_first(line: Line) -> None:
    text_in(line, "hola, necesito ayuda por favor")
    (first, *_rest) = verbs(call(line))
    assert first.attrib["language"] == "es-MX"


def test_the_center_s_own_words_are_said(line: Line) -> None:
    from messaging.models import Template, TemplateUse

    with in_center(line.center_id):
        template = Template.objects.get(use=TemplateUse.VOICEMAIL, language="en")
        template.body = 'Say <Hangup/> & "more" \x0b'
        template.save()
    assert 'Say <Hangup/> & "more" ' in heard(call(line))


def test_the_center_s_phone_rings_and_shows_the_center_s_number(staffed: Line) -> None:
    response = call(staffed)
    assert names(response) == ["Say", "Say", "Dial"]
    dial = verbs(response)[-1]
    assert dial.attrib["callerId"] == LINE_NUMBER
    assert dial.attrib["answerOnBridge"] == "true"
    (number,) = dial
    assert number.text == STAFF
    assert number.attrib["url"].startswith(f"https://quietline.test/hooks/twilio/{staffed.pk}/whisper?call={CALL}")


def test_whoever_picks_up_is_connected_only_by_pressing_one(staffed: Line) -> None:
    call(staffed)
    asked = leg(staffed, "whisper")
    assert names(asked) == ["Gather", "Hangup"]
    assert "Press 1" in asked.content.decode()
    assert names(leg(staffed, "whisper", Digits="2")) == ["Hangup"]
    assert the_call(staffed).state == CallState.RINGING
    assert names(leg(staffed, "whisper", Digits="1")) == []
    assert the_call(staffed).state == CallState.TALKING


def test_when_nobody_takes_it_she_can_leave_a_message(staffed: Line) -> None:
    call(staffed)
    assert owed(staffed) == 0
    response = call(staffed, "dial", DialCallStatus="no-answer", DialBridged="false", CallStatus="in-progress")
    assert "Record" in names(response)
    assert owed(staffed) == 1


def test_outside_opening_hours_nobody_is_rung(staffed: Line) -> None:
    with in_center(staffed.center_id):
        OpeningHours.objects.exclude(weekday=NOON.weekday()).delete()
    with time_machine.travel(NOON, tick=False):
        assert "Dial" in names(call(staffed))
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert "Dial" not in names(call(staffed, CallSid="CA" + "2" * 32))


@pytest.mark.parametrize(("hour", "rings"), [(3, False), (7, False), (8, True), (20, True), (21, False)])
def test_where_no_hours_are_set_nobody_is_rung_at_night(staffed: Line, hour: int, rings: bool) -> None:
    with in_center(staffed.center_id):
        OpeningHours.objects.all().delete()
    in_new_york = NOON.replace(hour=5) + timedelta(hours=hour)  # midnight, and so many hours later
    with time_machine.travel(in_new_york, tick=False):
        assert ("Dial" in names(call(staffed))) is rings


@pytest.fixture
def elsewhere(other_center: Center) -> Line:
    """A line of another center, which rings ours."""
    other = add_line(other_center, number="+16145550188", account_sid=ACCOUNT, auth_token=TOKEN)
    with in_center(other_center.pk):
        other.staff_number = LINE_NUMBER
        other.save()
    return other


def test_a_call_between_two_lines_does_not_ring_on_and_makes_no_client(staffed: Line, elsewhere: Line) -> None:
    for hook, more in (("voice", {}), ("dial", {"DialCallStatus": "busy"}), ("call_status", {})):
        response = call(staffed, hook, From="+16145550188", **more)
        assert not {"Dial", "Record"} & set(names(response) if response.content else [])
    with in_center(staffed.center_id):
        assert not Call.objects.exists()
        assert not PhoneNumber.objects.exists()


@pytest.mark.parametrize("phone", ["+16145550188", "+18765550177", "+19002345678", "+447700900123"])
def test_a_phone_that_may_not_ring_does_not_and_she_can_leave_a_message(
    line: Line, elsewhere: Line, phone: str
) -> None:
    with in_center(line.center_id):
        line.staff_number = phone
        line.save()
    assert "Record" in names(call(line))
    assert "Dial" not in names(call(line))
    assert owed(line) == 1


@pytest.mark.parametrize("caller", [LINE_NUMBER, STAFF])
def test_our_own_phones_are_no_clients(staffed: Line, caller: str) -> None:
    for hook, more in (("voice", {}), ("dial", {"DialCallStatus": "busy"}), ("call_status", {})):
        response = call(staffed, hook, From=caller, **more)
        assert "Dial" not in response.content.decode()
        assert "Record" not in response.content.decode()
    with in_center(staffed.center_id):
        assert not Call.objects.exists()
        assert not PhoneNumber.objects.exists()


@pytest.mark.parametrize("caller", ["anonymous", "unknown", "+266696687", "client:naomi"])
def test_a_withheld_number_leaves_nobody_to_call(line: Line, caller: str) -> None:
    assert call(line, From=caller).status_code == 200
    assert call(line, "call_status", From=caller).status_code == 204
    with in_center(line.center_id):
        assert not PhoneNumber.objects.exists()
        assert not FollowUp.objects.exists()


def test_a_message_from_a_withheld_number_is_a_conversation_of_its_own(line: Line, naomi: Membership) -> None:
    for digit in "12":
        sids = {"CallSid": "CA" + digit * 32, "From": "anonymous"}
        call(line, **sids)
        call(line, "record", RecordingSid="RE" + digit * 32, RecordingDuration="9", Digits="hangup", **sids)
        call(line, "call_status", **sids)
    with in_center(line.center_id):
        rows = list(Conversation.objects.all())
        assert [row.follow_ups.open().count() for row in rows] == [1, 1]
        assert not any(row.epoch.number.is_textable for row in rows)
    page = signed_in(naomi).get(f"/conversations/{rows[0].pk}/").content.decode()
    assert "Number withheld" in page
    assert "She called and left a message (0:09)" in page


# How a call ends


ENDINGS: dict[str, tuple[list[Step], CallState]] = {
    "answered": (
        [
            ("whisper", {}),
            ("whisper", {"Digits": "1"}),
            ("dial", {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "125"}),
            ("leg_status", {"CallStatus": "completed"}),
        ],
        CallState.TALKED,
    ),
    "answered, and no action came": (
        [("whisper", {"Digits": "1"}), ("leg_status", {"CallStatus": "completed"})],
        CallState.TALKED,
    ),
    "no answer": (
        [
            ("dial", {"DialCallStatus": "no-answer", "DialBridged": "false"}),
            ("leg_status", {"CallStatus": "no-answer"}),
        ],
        CallState.MISSED,
    ),
    "busy": (
        [("dial", {"DialCallStatus": "busy"}), ("leg_status", {"CallStatus": "busy"})],
        CallState.MISSED,
    ),
    "failed": ([("dial", {"DialCallStatus": "failed"})], CallState.MISSED),
    "picked up and not taken": (
        [
            ("whisper", {}),
            ("dial", {"DialCallStatus": "completed", "DialBridged": "false", "DialCallDuration": "11"}),
            ("leg_status", {"CallStatus": "completed"}),
        ],
        CallState.MISSED,
    ),
    "taken as she hung up": (
        [("whisper", {"Digits": "1"}), ("dial", {"DialCallStatus": "completed", "DialBridged": "false"})],
        CallState.MISSED,
    ),
    "she hung up while it rang: canceled": (
        [("dial", {"DialCallStatus": "canceled", "CallStatus": "completed"})],
        CallState.MISSED,
    ),
    "she hung up while it rang: no answer": (
        [("dial", {"DialCallStatus": "no-answer", "CallStatus": "completed"})],
        CallState.MISSED,
    ),
    "she hung up while it rang: nothing came": ([], CallState.MISSED),
    "she left a message": (
        [
            ("dial", {"DialCallStatus": "no-answer", "DialBridged": "false", "CallStatus": "in-progress"}),
            ("record", {"RecordingSid": MESSAGE, "RecordingDuration": "21", "Digits": "hangup"}),
            ("recording", {}),
        ],
        CallState.MISSED,
    ),
    "she left nothing": (
        [
            ("dial", {"DialCallStatus": "no-answer", "DialBridged": "false", "CallStatus": "in-progress"}),
            ("recording", {"RecordingStatus": "absent", "RecordingDuration": ""}),
        ],
        CallState.MISSED,
    ),
}
OF_LEG = ("whisper", "leg_status")


def post(line: Line, step: Step) -> None:
    hook, values = step
    if hook == "recording":
        response = recorded(line, **values)
    else:
        response = leg(line, hook, **values) if hook in OF_LEG else call(line, hook, **values)
    assert response.status_code in (200, 204), (step, response.content)


def orders(steps: list[Step], chance: random.Random) -> list[list[Step]]:
    """Every order of a few, some of many; each also with posts that come twice."""
    every = list(itertools.permutations(steps))
    chosen = [list(order) for order in (every if len(every) <= 6 else [steps, *chance.sample(every, 5)])]
    doubled = [[*order, *chance.sample(order, len(order))] for order in chosen]
    return chosen + doubled


def outcome(line: Line) -> tuple[Any, ...]:
    """What has become of the one call."""
    with in_center(line.center_id):
        kept, row = Call.objects.get(), Conversation.objects.get()
        states = sorted(recording.state for recording in Recording.objects.without_content())
        texts = Message.objects.filter(purpose=Purpose.MISSED_CALL).count()
        return kept.state, kept.talk_seconds, row.last_call, row.waiting_since is None, states, owed(line), texts


@pytest.mark.parametrize("ending", ENDINGS)
def test_whatever_the_order_and_however_often_a_call_ends_in_one_state(
    twin: TwinProcess, staffed: Line, ending: str
) -> None:
    steps, state = ENDINGS[ending]
    steps = [("voice", {}), *steps, ("call_status", {})]
    seen = set()
    for number, order in enumerate(orders(steps, random.Random(7))):
        from django.db import transaction

        with time_machine.travel(NOON + timedelta(minutes=number), tick=False), transaction.atomic():
            first = order.index(("voice", {}))  # a first step that is not the beginning is of a call nobody knows
            for step in order if order[0][0] in ("voice", "dial", "call_status", "record") else [order[first], *order]:
                post(staffed, step)
            work_after(120)
            seen.add(str(outcome(staffed)))
            kept = the_call(staffed)
            assert kept.state == state, order
            assert owed(staffed) == (state == CallState.MISSED)
            transaction.set_rollback(True)
    assert len(seen) == 1, seen


def test_a_call_and_its_end_owe_one_call_back(line: Line) -> None:
    for hook in ("voice", "voice", "call_status", "call_status"):
        call(line, hook)
    assert owed(line) == 1


def test_the_end_of_a_call_whose_beginning_was_lost_owes_a_call_back(line: Line) -> None:
    assert call(line, "call_status", CallStatus="no-answer").status_code == 204
    assert owed(line) == 1


def test_talking_settles_an_earlier_missed_call_and_leaves_words_that_nobody_answered(staffed: Line) -> None:
    text_in(staffed, "I just called")
    call(staffed, CallSid="CA" + "5" * 32)
    call(staffed, "call_status", CallSid="CA" + "5" * 32)
    assert owed(staffed) == 1
    call(staffed)
    leg(staffed, "whisper", Digits="1")
    call(staffed, "dial", DialCallStatus="completed", DialBridged="true", DialCallDuration="60")
    with in_center(staffed.center_id):
        settled = FollowUp.objects.get(kind=FollowUpKind.MISSED_CALL)
        assert settled.outcome == FollowUpOutcome.REACHED
        assert FollowUp.objects.open().filter(kind=FollowUpKind.REPLY).count() == 1
        assert Conversation.objects.get().waiting_since is not None


def test_a_report_that_comes_after_somebody_dealt_with_it_owes_nothing_more(line: Line, naomi: Membership) -> None:
    call(line)
    with in_center(line.center_id):
        settle(FollowUp.objects.get(), outcome=FollowUpOutcome.DONE, by=naomi)
        assert Conversation.objects.get().waiting_since is None
    call(line, "call_status")
    assert owed(line) == 0


def test_a_second_call_owes_a_call_back_again(line: Line, naomi: Membership) -> None:
    call(line)
    with in_center(line.center_id):
        settle(FollowUp.objects.get(), outcome=FollowUpOutcome.DONE, by=naomi)
    call(line, CallSid="CA" + "2" * 32)
    assert owed(line) == 1


def test_a_call_opens_a_closed_conversation_again(line: Line, conversation: Conversation, naomi: Membership) -> None:
    with in_center(line.center_id):
        close(conversation, outcome=Outcome.ANSWERED, by=naomi)
    call(line)
    with in_center(line.center_id):
        again = Conversation.objects.get()
        assert again.is_open
        assert again.waiting_since is not None


def test_a_text_after_a_missed_call_is_owed_an_answer_of_its_own(line: Line) -> None:
    call(line)
    text_in(line, "I just called")
    with in_center(line.center_id):
        kinds = set(FollowUp.objects.open().values_list("kind", flat=True))
        assert kinds == {FollowUpKind.MISSED_CALL, FollowUpKind.REPLY}


@pytest.mark.parametrize("replaced", [{"CallSid": None}, {"CallSid": "CA1"}, {"CallStatus": None}, {"From": None}])
def test_a_malformed_call_is_refused(line: Line, replaced: dict[str, Any]) -> None:
    assert call(line, **replaced).status_code == 400
    assert owed(line) == 0


@pytest.mark.parametrize("hook", ["voice", "dial", "record"])
def test_a_call_for_another_number_of_the_account_is_refused(line: Line, hook: str) -> None:
    more = {"DialCallStatus": "busy", "RecordingSid": MESSAGE}
    assert call(line, hook, To="+16145550188", **more).status_code == 403


def test_steps_of_a_call_that_is_not_this_line_s_change_nothing(staffed: Line) -> None:
    assert leg(staffed, "whisper", Digits="1").status_code == 200
    assert leg(staffed, "leg_status", CallStatus="busy").status_code == 204
    assert recorded(staffed).status_code == 204
    with in_center(staffed.center_id):
        assert not Call.objects.exists()
        assert not Recording.objects.exists()


# What people see


def page(line: Line, member: Membership) -> str:
    with in_center(line.center_id):
        row = Conversation.objects.get()
    text: str = signed_in(member).get(f"/conversations/{row.pk}/").content.decode()
    return text


def test_the_thread_and_the_list_say_what_became_of_a_call(staffed: Line, naomi: Membership) -> None:
    call(staffed)
    assert "She is calling now" in page(staffed, naomi)
    leg(staffed, "whisper", Digits="1")
    assert "On the phone with her now" in page(staffed, naomi)
    call(staffed, "dial", DialCallStatus="completed", DialBridged="true", DialCallDuration="125")
    shown = page(staffed, naomi)
    assert "She called; we spoke (2:05)" in shown
    assert "We spoke on the phone" in shown


def test_a_missed_call_is_shown_until_somebody_writes(line: Line, naomi: Membership) -> None:
    call(line)
    call(line, "call_status")
    shown = page(line, naomi)
    assert "She called, nobody answered" in shown
    assert "Missed call" in shown
    text_in(line, "it was me")
    assert "Missed call" not in signed_in(naomi).get("/inbox/list/").content.decode()


def test_a_call_is_on_the_record(staffed: Line) -> None:
    call(staffed)
    call(staffed, "call_status")
    with in_center(staffed.center_id):
        events = set(LogEntry.objects.values_list("event", flat=True))
    assert {Event.CALL_RECEIVED, Event.CALL_MISSED} <= events
    assert PHONE not in str(list(LogEntry.objects.values()))


def test_the_next_opening_can_be_said_to_a_caller(line: Line) -> None:
    from messaging.models import Template, TemplateUse

    with in_center(line.center_id):
        template = Template.objects.get(use=TemplateUse.VOICEMAIL, language="en")
        template.body = "We are back {opens}."
        template.save()
        OpeningHours.objects.all().delete()
    assert "We are back as soon as we can." in heard(call(line))


def test_a_call_between_does_not_stop_a_reply_with_an_error(line: Line, naomi: Membership) -> None:
    text_in(line, "Please call me")
    call(line)
    call(line, "call_status")
    text_in(line, "Nobody answers", MessageSid=sid(2))
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
    reply = {"body": "I am here", "last_sequence": 1, "key": str(uuid7())}
    answer = signed_in(naomi).post(f"/conversations/{conversation.pk}/replies/", reply)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.index("She called, nobody answered") < page.index("Nobody answers") < page.index("I am here")
