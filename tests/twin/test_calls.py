"""Calls: what is posted in which order, for every way a call can end."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.twin.conftest import LINE, MAYA, QUIET, TOKEN, Rig, until
from twin.calls import ENDINGS, LIVE

NAMES: dict[str, list[str]] = json.loads((Path(__file__).parent / "webhook_names.json").read_text())
DIAL = '<Response><Dial action="dialled" answerOnBridge="true"><Number>+16145550199</Number></Dial></Response>'
RECORD = (
    '<Response><Say>Please leave a message.</Say><Record action="/recorded" '
    'recordingStatusCallback="/recording"/></Response>'
)


async def call(rig: Rig, ending: str) -> dict[str, Any]:
    rig.center.says("/voice", DIAL)
    rig.center.says("/dialled", RECORD)
    answer: dict[str, Any] = await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": ending})
    return answer


@pytest.mark.parametrize(
    ("ending", "paths", "dial", "final"),
    [
        ("answer", ["/voice", "/dialled", "/call_status"], "completed", "completed"),
        ("no_answer", ["/voice", "/dialled", "/call_status"], "no-answer", "completed"),
        ("busy", ["/voice", "/dialled", "/call_status"], "busy", "completed"),
        ("hang_up_ringing", ["/voice", "/call_status"], None, "no-answer"),
        ("voicemail", ["/voice", "/dialled", "/recorded", "/call_status"], "no-answer", "completed"),
    ],
)
async def test_every_ending_is_told_step_by_step(
    rig: Rig, ending: str, paths: list[str], dial: str | None, final: str
) -> None:
    answer = await call(rig, ending)
    assert answer["status"] == final
    assert [heard.path for heard in rig.center.heard if heard.path != "/recording"] == paths
    assert all(heard.is_signed(rig.center.origin, TOKEN) for heard in rig.center.heard)
    assert {heard.params["CallSid"] for heard in rig.center.heard} == {answer["sid"]}
    for heard in rig.center.at("/dialled"):
        assert heard.params["DialCallStatus"] == dial
        assert heard.params["DialBridged"] == str(dial == "completed").lower()
    assert rig.center.at("/call_status")[0].params["CallStatus"] == final


async def test_every_step_has_twilios_names(rig: Rig) -> None:
    await call(rig, "voicemail")
    await until(lambda: bool(rig.center.at("/recording")))
    steps = {
        "/voice": "call-ringing",
        "/dialled": "dial-no-answer",
        "/recorded": "voicemail-action",
        "/recording": "voicemail-recording-completed",
        "/call_status": "call-completed",
    }
    for path, name in steps.items():
        assert sorted(rig.center.at(path)[0].params) == sorted(NAMES[name]), path


@pytest.mark.parametrize("ending", [name for name in ENDINGS if name != LIVE])
async def test_the_end_of_every_call_is_told_once_with_twilios_names(rig: Rig, ending: str) -> None:
    await call(rig, ending)
    [told] = rig.center.at("/call_status")
    assert sorted(told.params) == sorted(NAMES["call-completed"])
    assert int(told.params["Duration"]) == -(-int(told.params["CallDuration"]) // 60)
    for heard in rig.center.at("/dialled"):
        connected = {"DialCallDuration"} if heard.params["DialCallStatus"] == "completed" else set()
        assert set(heard.params) - set(NAMES["dial-no-answer"]) == connected


async def test_a_dial_without_an_action_goes_on_with_the_next_verb(rig: Rig) -> None:
    rig.center.says("/voice", "<Response><Dial>+16145550199</Dial><Record action='/recorded'/></Response>")
    await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "voicemail"})
    assert [heard.path for heard in rig.center.heard] == ["/voice", "/recorded", "/call_status"]


@pytest.mark.parametrize(
    ("twiml", "final"),
    [
        ("<Response><Reject reason='busy'/></Response>", "busy"),
        ("<Response><Hangup/></Response>", "no-answer"),
        ("<Response><Say>We are closed.</Say></Response>", "completed"),
        ("<Response><Redirect>/voice</Redirect></Response>", "no-answer"),
        ("no TwiML <", "no-answer"),
    ],
)
async def test_whatever_the_center_says_the_end_is_told(rig: Rig, twiml: str, final: str) -> None:
    rig.center.says("/voice", twiml)
    answer = await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "answer"})
    assert answer["status"] == final
    assert len(rig.center.at("/call_status")) == 1


async def test_a_number_without_a_voice_address_takes_no_calls(rig: Rig) -> None:
    answer = await rig.post("/twin/call", {"from": MAYA, "to": QUIET}, status=400)
    assert "voice" in answer["error"]
