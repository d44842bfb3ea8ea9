"""Messages after the tone: what is told of them, when they can be had, and that they can be deleted."""

import io
import wave
from typing import Any

import aiohttp
import pytest

from tests.twin.conftest import ACCOUNT, BASIC, LINE, MAYA, Rig, config_for, until

RECORD = (
    '<Response><Say>After the tone.</Say><Record action="/recorded" maxLength="{most}" playBeep="true" '
    'recordingStatusCallback="/recording" recordingStatusCallbackEvent="completed absent"/>'
    "<Say>Goodbye.</Say><Redirect>/after</Redirect></Response>"
)


async def call(rig: Rig, ending: str, most: int = 120, **more: Any) -> list[str]:
    """Let somebody call; return what the center's server was asked, without the recording's own callback."""
    rig.center.says("/voice", RECORD.format(most=most))
    await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": ending, **more})
    await until(lambda: bool(rig.center.at("/recording")))
    return [heard.path for heard in rig.center.heard if heard.path != "/recording"]


async def recordings(rig: Rig, query: str = "") -> list[str]:
    _, listed = await rig.api("GET", f"/Recordings.json{query}")
    return [item["sid"] for item in listed["recordings"]]


@pytest.mark.parametrize(
    ("ending", "more", "path", "recorded"),
    [
        ("voicemail", {}, ["/recorded"], ("21", "hangup", "completed")),
        ("voicemail", {"seconds": 7}, ["/recorded"], ("7", "hangup", "completed")),
        ("voicemail", {"seconds": 90, "most": 60}, ["/recorded"], ("60", "", "in-progress")),
        ("voicemail_key", {"seconds": 5}, ["/recorded"], ("5", "#", "in-progress")),
        ("no_answer", {}, [], None),
        ("silence", {}, ["/after"], None),
    ],
)
async def test_what_is_said_after_the_tone_is_told_and_silence_is_too(
    rig: Rig, ending: str, more: dict[str, Any], path: list[str], recorded: tuple[str, ...] | None
) -> None:
    assert await call(rig, ending, **more) == ["/voice", *path, "/call_status"]
    told = rig.center.at("/recording")[0].params
    assert told["RecordingStatus"] == ("completed" if recorded else "absent")
    assert ("RecordingDuration" in told) is bool(recorded)
    assert len(await recordings(rig)) == bool(recorded)
    if recorded:
        params = rig.center.at("/recorded")[0].params
        assert (params["RecordingDuration"], params["Digits"], params["CallStatus"]) == recorded
        assert int(rig.center.at("/call_status")[0].params["CallDuration"]) >= int(recorded[0])


async def test_an_absent_recording_is_told_of_only_if_that_was_asked_for(rig: Rig) -> None:
    rig.center.says("/voice", RECORD.format(most=9).replace("completed absent", "completed"))
    await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "no_answer"})
    await until(lambda: next(iter(rig.twin.world.recordings.values())).told)
    assert rig.center.at("/recording") == []


@pytest.mark.parametrize(("after", "first"), [(0.3, "/recorded"), (0, "/recording")])
async def test_the_file_is_there_when_it_is_told_of_before_the_action_or_after(
    rig: Rig, after: float, first: str
) -> None:
    config = config_for(rig.center.origin)
    config["delivery"] = {**config["delivery"], "recording_after": after}
    async with rig.session.put(rig.url("/twin/config"), json=config) as response:
        assert response.status == 200
    rig.center.says("/voice", RECORD.format(most=9))
    await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "voicemail"})
    path = f"/Recordings/{rig.center.at('/recorded')[0].params['RecordingSid']}"
    early = (await download(rig, path + ".wav"))[0]
    await until(lambda: bool(rig.center.at("/recording")))
    late = (await download(rig, path + ".wav"))[0]
    assert (early, late) == (404 if after else 200, 200)
    heard = [one.path for one in rig.center.heard if one.path in ("/recorded", "/recording")]
    assert heard[0] == first


async def download(rig: Rig, path: str, headers: Any = BASIC) -> tuple[int, str, bytes]:
    async with rig.session.get(rig.url(f"/2010-04-01/Accounts/{ACCOUNT}{path}"), headers=headers) as response:
        return response.status, response.content_type, await response.read()


async def test_a_recording_is_a_sound_of_its_length_behind_a_password(rig: Rig) -> None:
    await call(rig, "voicemail", seconds=3)
    path = f"/Recordings/{(await recordings(rig))[0]}"
    assert (await download(rig, path, headers={}))[0] == 401
    for suffix in ("", ".wav"):
        status, kind, data = await download(rig, path + suffix)
        assert (status, kind) == (200, "audio/x-wav")
        with wave.open(io.BytesIO(data)) as sound:
            assert sound.getnframes() / sound.getframerate() == 3
    status, kind, data = await download(rig, path + ".mp3")
    assert (status, kind, data[:2]) == (200, "audio/mpeg", b"\xff\xfb")
    assert len(data) // 104 == round(3 * 44_100 / 1152)


async def test_a_deleted_recording_is_gone_in_every_form(rig: Rig) -> None:
    await call(rig, "voicemail")
    path = f"/Recordings/{(await recordings(rig))[0]}"
    assert (await rig.api("DELETE", path + ".json"))[0] == 204
    for suffix in ("", ".wav", ".mp3", ".json"):
        assert (await download(rig, path + suffix))[0] == 404
    assert (await rig.api("DELETE", path + ".json"))[0] == 404
    assert await recordings(rig) == []


async def test_a_recording_whose_callback_never_came_is_found_in_the_lists(rig: Rig) -> None:
    await rig.post("/twin/faults", {"kind": "drop", "match": {"about": "recording"}}, status=201)
    rig.center.says("/voice", RECORD.format(most=9))
    answer = await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "voicemail"})
    assert len(await recordings(rig)) == 1
    assert len(await recordings(rig, f"?CallSid={answer['sid']}")) == 1
    assert await recordings(rig, "?CallSid=CA" + "9" * 32) == []
    assert len(await recordings(rig, "?DateCreated%3E=2020-01-01")) == 1
    assert await recordings(rig, "?DateCreated%3C=2020-01-01") == []
    _, listed = await rig.api("GET", f"/Calls/{answer['sid']}/Recordings.json")
    [found] = listed["recordings"]
    assert found["call_sid"] == answer["sid"]
    path = found["uri"].removeprefix(f"/2010-04-01/Accounts/{ACCOUNT}")
    assert (await rig.api("GET", path.replace(answer["sid"], "CA" + "9" * 32)))[0] == 404
    assert (await rig.api("DELETE", path))[0] == 204
    assert await recordings(rig) == []


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("404", 404, "application/json"), ("gone", 410, "application/json"), ("500", 500, "application/json"),
        ("wrong_type", 200, "text/html"), ("huge", 200, "application/octet-stream"),
    ],
)  # fmt: skip
async def test_a_download_can_go_wrong_in_every_way(rig: Rig, kind: str, status: int, content_type: str) -> None:
    await call(rig, "voicemail")
    path = f"/Recordings/{(await recordings(rig))[0]}.wav"
    await rig.post("/twin/faults", {"kind": kind, "match": {"path": r"\.wav$"}}, status=201)
    got = await download(rig, path)
    assert got[:2] == (status, content_type)
    assert (len(got[2]) > 20 * 1024 * 1024) is (kind == "huge")
    assert (await download(rig, path))[0] == 200


async def test_a_download_can_be_cut_off(rig: Rig) -> None:
    await call(rig, "voicemail")
    await rig.post("/twin/faults", {"kind": "drop_before", "match": {"path": r"\.wav$"}, "times": -1}, status=201)
    with pytest.raises(aiohttp.ClientError):
        await download(rig, f"/Recordings/{next(iter(rig.twin.world.recordings))}.wav")


async def test_a_restart_tells_what_was_not_told(rig_on: Any, tmp_path: Any) -> None:
    rig = await rig_on(tmp_path / "state")
    rig.twin.world.config.delivery.recording_after = 0.4
    rig.center.says("/voice", RECORD.format(most=9))
    await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "voicemail"})
    live = await rig.post("/twin/call", {"from": MAYA, "to": LINE, "ending": "live"})
    await rig_on(tmp_path / "state")
    await until(lambda: len(rig.center.at("/recording")) == 1)
    ended = [heard.params["CallSid"] for heard in rig.center.at("/call_status")]
    assert live["sid"] in ended
