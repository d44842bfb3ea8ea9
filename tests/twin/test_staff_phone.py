"""The center's phone: it rings, says who calls, is asked to press a key, and is connected or not."""

from typing import Any

import pytest

from tests.twin.conftest import ACCOUNT, LINE, MAYA, TOKEN, Rig, until

STAFF = "+16145550199"
DIAL = (
    "<Response><Say>Please hold.</Say>"
    f'<Dial action="/dialled" answerOnBridge="true" timeout="20" callerId="{LINE}">'
    f'<Number url="/whisper?x=1" statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">'
    f"{STAFF}</Number></Dial></Response>"
)
ASK = (
    '<Response><Gather input="dtmf" numDigits="1" timeout="5" action="/pressed"><Say>Press 1.</Say></Gather>'
    "<Hangup/></Response>"
)
PARTIES = ("Called", "To", "Caller", "From")


async def call(rig: Rig, ending: str, *, twiml: str = DIAL, **more: Any) -> dict[str, Any]:
    rig.center.says("/voice", twiml)
    rig.center.says("/whisper", ASK)
    rig.center.answers["/pressed"] = lambda heard: (
        None if heard.params["Digits"] == "1" else rig.center.twiml("<Response><Hangup/></Response>")
    )
    answer: dict[str, Any] = await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": ending, **more})
    return answer


def paths(rig: Rig) -> list[str]:
    return [heard.path.partition("?")[0] for heard in rig.center.heard if heard.path != "/leg"]


def dialled(rig: Rig) -> tuple[str, ...]:
    params = rig.center.at("/dialled")[0].params
    return params["DialCallStatus"], params["DialBridged"], params["CallStatus"]


@pytest.mark.parametrize(
    ("ending", "asked", "action", "leg"),
    [
        ("answer", ["/whisper", "/pressed"], ("completed", "true", "in-progress"), "completed"),
        ("staff_declines", ["/whisper", "/pressed"], ("completed", "false", "in-progress"), "completed"),
        ("staff_voicemail", ["/whisper"], ("completed", "false", "in-progress"), "completed"),
        ("no_answer", [], ("no-answer", "false", "in-progress"), "no-answer"),
        ("busy", [], ("busy", "false", "in-progress"), "busy"),
        ("staff_fails", [], ("failed", "false", "in-progress"), "failed"),
        ("hang_up_ringing_canceled", [], ("canceled", "false", "completed"), "canceled"),
        ("hang_up_ringing_no_answer", [], ("no-answer", "false", "completed"), "no-answer"),
    ],
)
async def test_only_a_pressed_1_connects_two_people(
    rig: Rig, ending: str, asked: list[str], action: tuple[str, ...], leg: str
) -> None:
    answer = await call(rig, ending)
    assert paths(rig) == ["/voice", *asked, "/dialled", "/call_status"]
    assert dialled(rig) == action
    assert answer["status"] == rig.center.at("/call_status")[0].params["CallStatus"] == "completed"
    assert (await rig.get("/twin/ledger"))["legs"][0]["status"] == leg
    assert all(heard.is_signed(rig.center.origin, TOKEN) for heard in rig.center.heard)
    assert ("DialCallDuration" in rig.center.at("/dialled")[0].params) is (action[0] == "completed")


@pytest.mark.parametrize("ending", ["hang_up_ringing", "hang_up_greeting"])
async def test_who_hangs_up_early_may_be_told_of_by_the_end_alone(rig: Rig, ending: str) -> None:
    await call(rig, ending)
    assert paths(rig) == ["/voice", "/call_status"]
    assert rig.center.at("/call_status")[0].params["CallStatus"] == "completed"
    assert len(rig.center.at("/leg")) == (3 if ending == "hang_up_ringing" else 0)


async def test_a_call_that_only_rang_was_never_answered(rig: Rig) -> None:
    twiml = DIAL.replace("<Say>Please hold.</Say>", "")
    answer = await call(rig, "hang_up_ringing_canceled", twiml=twiml)
    assert answer["status"] == "no-answer"
    assert dialled(rig) == ("canceled", "false", "completed")


async def test_the_whisper_is_asked_for_as_the_phone_s_own_call(rig: Rig) -> None:
    answer = await call(rig, "answer")
    first, second = rig.center.at("/whisper")[0].params, rig.center.at("/pressed")[0].params
    assert [first[name] for name in PARTIES] == [STAFF, STAFF, LINE, LINE]
    assert (first["ParentCallSid"], first["CallStatus"], first["Direction"], first["AccountSid"]) == (
        answer["sid"], "in-progress", "outbound-dial", ACCOUNT,
    )  # fmt: skip
    assert first["CallSid"] not in (answer["sid"], "")
    assert "Digits" not in first
    assert second == first | {"Digits": "1"}
    assert rig.center.at("/dialled")[0].params["DialCallSid"] == first["CallSid"]


async def test_a_whisper_that_cannot_be_had_connects_nobody(rig: Rig) -> None:
    rig.center.says("/voice", DIAL)
    rig.center.fails("/whisper", 500)
    await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "answer"})
    assert dialled(rig) == ("completed", "false", "in-progress")


async def test_a_phone_without_a_whisper_is_connected_even_to_a_voicemail(rig: Rig) -> None:
    await call(rig, "staff_voicemail", twiml=f'<Response><Dial action="/dialled">{STAFF}</Dial></Response>')
    assert dialled(rig) == ("completed", "true", "in-progress")


async def test_each_stage_of_the_phone_is_told_if_it_was_asked_for(rig: Rig) -> None:
    answer = await call(rig, "answer", seconds=90)
    told = sorted((heard.params for heard in rig.center.at("/leg")), key=lambda params: params["SequenceNumber"])
    assert [(params["SequenceNumber"], params["CallStatus"]) for params in told] == [
        ("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed"),
    ]  # fmt: skip
    assert {params["ParentCallSid"] for params in told} == {answer["sid"]}
    assert (told[3]["CallDuration"], told[3]["Duration"], "CallDuration" in told[2]) == ("90", "2", False)
    assert rig.center.at("/dialled")[0].params["DialCallDuration"] == "90"
    assert int(rig.center.at("/call_status")[0].params["CallDuration"]) >= 90
    assert rig.center.heard[-1].path == "/call_status"


async def test_without_asking_only_the_end_of_the_phone_is_told(rig: Rig) -> None:
    twiml = DIAL.replace('statusCallbackEvent="initiated ringing answered completed"', "")
    await call(rig, "busy", twiml=twiml)
    assert [heard.params["CallStatus"] for heard in rig.center.at("/leg")] == ["busy"]


async def test_of_several_phones_the_first_takes_the_call(rig: Rig) -> None:
    twiml = DIAL.replace("</Number>", "</Number><Number>+16145550198</Number>")
    await call(rig, "answer", twiml=twiml)
    legs = (await rig.get("/twin/ledger"))["legs"]
    assert [(leg["number"], leg["status"]) for leg in legs] == [(STAFF, "completed"), ("+16145550198", "canceled")]


async def test_the_phone_s_call_is_listed_beside_hers(rig: Rig) -> None:
    answer = await call(rig, "answer")
    _, listed = await rig.api("GET", f"/Calls.json?ParentCallSid={answer['sid']}")
    [leg] = listed["calls"]
    assert (leg["to"], leg["direction"], leg["parent_call_sid"]) == (STAFF, "outbound-dial", answer["sid"])
    status, shown = await rig.api("GET", f"/Calls/{leg['sid']}.json")
    assert (status, shown) == (200, leg)
    assert len((await rig.api("GET", "/Calls.json"))[1]["calls"]) == 2
    assert len((await rig.api("GET", f"/Calls.json?To=%2B{LINE[1:]}"))[1]["calls"]) == 1


@pytest.mark.parametrize("about", ["voice", "dial", "whisper", "leg_status", "call_status"])
async def test_what_is_told_of_a_call_can_be_lost(rig: Rig, about: str) -> None:
    await rig.post("/twin/faults", {"kind": "drop", "match": {"about": about}, "times": -1}, status=201)
    await call(rig, "answer")
    gone = {"voice": "/voice", "dial": "/dialled", "whisper": "/whisper", "leg_status": "/leg"}
    assert rig.center.at(gone.get(about, "/call_status")) == []
    assert bool(rig.center.at("/call_status")) is (about != "call_status")


# Buttons instead of an ending


async def begin(rig: Rig) -> str:
    answer = await call(rig, "live")
    return str(answer["sid"])


async def in_stage(rig: Rig, sid: str, stage: str) -> None:
    await until(lambda: rig.twin.world.calls[sid].stage == stage)


async def press(rig: Rig, sid: str, move: str) -> None:
    await rig.post(f"/twin/call/{sid}", {"move": move})


async def test_buttons_decide_how_a_call_goes(rig: Rig) -> None:
    sid = await begin(rig)
    await in_stage(rig, sid, "ringing")
    await press(rig, sid, "staff_answer")
    await until(lambda: bool(rig.center.at("/whisper")))
    await press(rig, sid, "staff_press_1")
    await in_stage(rig, sid, "talking")
    await press(rig, sid, "staff_hang_up")
    await until(lambda: bool(rig.center.at("/call_status")))
    assert dialled(rig) == ("completed", "true", "in-progress")


async def test_a_voicemail_presses_no_key(rig: Rig) -> None:
    sid = await begin(rig)
    await in_stage(rig, sid, "ringing")
    await press(rig, sid, "staff_voicemail")
    await until(lambda: bool(rig.center.at("/whisper")))
    await press(rig, sid, "staff_press_1")
    await press(rig, sid, "staff_hang_up")
    await until(lambda: bool(rig.center.at("/call_status")))
    assert rig.center.at("/pressed") == []
    assert dialled(rig) == ("completed", "false", "in-progress")


async def test_a_hang_up_counts_at_the_moment_of_the_button(rig: Rig) -> None:
    sid = await begin(rig)
    await in_stage(rig, sid, "greeting")
    await press(rig, sid, "hang_up")
    await until(lambda: bool(rig.center.at("/call_status")))
    assert paths(rig) == ["/voice", "/call_status"]
    assert (await rig.post(f"/twin/call/{sid}", {"move": "hang_up"}, status=400))["error"] == "This call is over."


async def test_a_button_that_does_not_exist_is_refused(rig: Rig) -> None:
    sid = await begin(rig)
    answer = await rig.post(f"/twin/call/{sid}", {"move": "sing"}, status=400)
    assert "hang_up" in answer["error"]
    await press(rig, sid, "hang_up")
