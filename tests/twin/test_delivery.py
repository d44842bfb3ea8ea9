"""Delivery by plan, and what Twilio does by itself with STOP, START and HELP."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.twin.conftest import LINE, MAYA, POOLED, QUIET, SERVICE, Rig, config_for, until
from twin.optout import HELP, STARTED, STOPPED, keyword


async def plan(rig: Rig, name: str) -> None:
    await rig.post("/twin/people", {"number": MAYA, "plan": name})


@pytest.mark.parametrize(
    ("name", "called", "final", "error"),
    [
        ("delivered", ["sent", "delivered"], "delivered", None),
        ("sent_only", ["sent"], "sent", None),
        ("undelivered_30003", ["sent", "undelivered"], "undelivered", 30003),
        ("failed_30034", ["failed"], "failed", 30034),
        ("failed_30007", ["failed"], "failed", 30007),
        ("landline_30006", ["sent", "undelivered"], "undelivered", 30006),
        ("undelivered_30008", ["sent", "undelivered"], "undelivered", 30008),
        ("no_callbacks", [], "delivered", None),
        ("out_of_order", ["delivered", "sent"], "delivered", None),
        ("doubled", ["sent", "sent", "delivered", "delivered"], "delivered", None),
        ("early", ["sent", "delivered"], "delivered", None),
    ],
)
async def test_a_text_goes_the_way_that_is_planned(
    rig: Rig, name: str, called: list[str], final: str, error: int | None
) -> None:
    await plan(rig, name)
    sent = await rig.send()
    await until(lambda: not rig.twin.world.tasks)
    assert await rig.statuses(sent["sid"], 0) == called
    _, body = await rig.api("GET", f"/Messages/{sent['sid']}.json")
    assert (body["status"], body["error_code"]) == (final, error)
    codes = [heard.params.get("ErrorCode") for heard in rig.center.at("/status")]
    assert codes[-1:] == ([str(error) if error else None] if called else [])


async def test_the_early_plan_calls_back_before_the_api_answers(rig: Rig) -> None:
    await plan(rig, "early")
    sent = await rig.send()
    assert sent["status"] == "queued"
    assert [heard.params["MessageStatus"] for heard in rig.center.at("/status")] == ["sent"]


async def test_the_slow_plan_takes_its_time(rig: Rig) -> None:
    await plan(rig, "slow")
    sent = await rig.send()
    assert await rig.statuses(sent["sid"], 1) == ["sent"]
    history = (await rig.get("/twin/ledger"))["messages"][0]["history"]
    assert history[1]["at"] - history[0]["at"] > 0.5


async def test_a_plan_of_the_person_wins_over_the_numbers_and_that_over_the_default(rig: Rig) -> None:
    config = config_for(rig.center.origin)
    config["accounts"][0]["numbers"][0]["plan"] = "failed_30034"
    config["people"] = [{"number": MAYA}, {"number": "+16145550103", "plan": "sent_only"}]
    async with rig.session.put(rig.url("/twin/config"), json=config) as response:
        assert response.status == 200
    first, second = await rig.send(), await rig.send(to="+16145550103")
    await until(lambda: not rig.twin.world.tasks)
    kept = {row["sid"]: row["status"] for row in (await rig.get("/twin/ledger"))["messages"]}
    assert kept == {first["sid"]: "failed", second["sid"]: "sent"}


async def test_a_failing_center_holds_up_nothing(rig: Rig) -> None:
    rig.center.fails("/status", 500)
    sent = await rig.send()
    assert await rig.statuses(sent["sid"], 2) == ["sent", "delivered"]


async def test_a_discarded_body_is_not_kept_after_sending(rig: Rig) -> None:
    sent = await rig.send(ContentRetention="discard")
    await rig.statuses(sent["sid"], 1)
    _, body = await rig.api("GET", f"/Messages/{sent['sid']}.json")
    assert body["body"] == ""


async def test_a_picture_of_the_centers_is_fetched_or_the_text_fails(rig: Rig) -> None:
    rig.center.answers["/cat.png"] = lambda heard: web.Response(body=b"\x89PNG", content_type="image/png")
    rig.center.fails("/gone.png", 404)
    good = await rig.send(MediaUrl=rig.center.url("/cat.png"))
    bad = await rig.send(MediaUrl=rig.center.url("/gone.png"))
    await until(lambda: not rig.twin.world.tasks)
    kept = {row["sid"]: row for row in (await rig.get("/twin/ledger"))["messages"]}
    assert (good["sid"][:2], kept[good["sid"]]["status"], kept[good["sid"]]["num_media"]) == ("MM", "delivered", "1")
    assert (kept[bad["sid"]]["status"], kept[bad["sid"]]["error_code"]) == ("failed", 11200)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("STOP", "STOP"), (" stop\n", "STOP"), ("OptOut", "STOP"), ("Revoke", "STOP"), ("yes", "START"),
        ("unstop", "START"), ("info", "HELP"), ("STOP please", ""), ("stop by at 3?", ""), ("stop.", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_bare_word_is_a_keyword_and_nothing_else_is(body: str, word: str) -> None:
    assert keyword(body) == word


async def replies(rig: Rig) -> list[str]:
    messages = (await rig.get("/twin/ledger"))["messages"]
    return [row["body"] for row in messages if row["direction"] == "outbound-reply"]


async def test_stop_is_answered_by_the_network_and_told_to_the_center(rig: Rig) -> None:
    await rig.text_in("Stop")
    assert await replies(rig) == [STOPPED]
    told = rig.center.at("/message")[0].params
    assert told["Body"] == "Stop"
    assert "OptOutType" not in told
    await rig.text_in("STOP")
    await rig.text_in("START")
    await rig.text_in("START")
    await rig.text_in("HELP")
    assert await replies(rig) == [STOPPED, STARTED, HELP]
    assert len(rig.center.at("/message")) == 5


async def test_stop_blocks_the_whole_pool_and_no_other_number(rig: Rig) -> None:
    await rig.text_in("STOP", line=POOLED)
    form = {"To": MAYA, "Body": "Hi"}
    _, refused = await rig.api("POST", "/Messages.json", {**form, "MessagingServiceSid": SERVICE})
    assert refused["code"] == 21610
    status, _ = await rig.api("POST", "/Messages.json", {**form, "From": LINE})
    assert status == 201


@pytest.mark.parametrize(("handling", "kind", "answers"), [("advanced", "STOP", 1), ("off", None, 0)])
async def test_opt_out_can_be_advanced_or_off(rig: Rig, handling: str, kind: str | None, answers: int) -> None:
    config = config_for(rig.center.origin)
    config["accounts"][0]["numbers"][0]["opt_out"] = handling
    async with rig.session.put(rig.url("/twin/config"), json=config):
        await rig.text_in("STOP")
    assert rig.center.heard[0].params.get("OptOutType") == kind
    assert len(await replies(rig)) == answers


async def test_a_restart_goes_on_where_it_was(rig_on: Any, tmp_path: Path) -> None:
    rig = await rig_on(tmp_path / "state")
    await plan(rig, "slow")
    await rig.text_in("STOP", line=POOLED, media=[{"content_type": "image/png", "data": "iVBO"}])
    sent = await rig.send()
    before = await rig.get("/twin/ledger")
    again = await rig_on(tmp_path / "state")
    after = await again.get("/twin/ledger")
    names = ("media", "opt_outs", "webhooks")
    assert {name: before[name] for name in names} == {name: after[name] for name in names}
    assert [row["sid"] for row in after["messages"]] == [row["sid"] for row in before["messages"]]
    assert (await again.get("/twin/phone"))["people"][0]["plan"] == "slow"
    assert await again.statuses(sent["sid"], 2) == ["sent", "delivered"], "a text under way arrives after all"


async def test_an_address_set_by_the_api_outlives_a_restart(rig_on: Any, tmp_path: Path) -> None:
    rig = await rig_on(tmp_path / "state")
    _, listed = await rig.api("GET", "/IncomingPhoneNumbers.json?PhoneNumber=6145550192")
    number = listed["incoming_phone_numbers"][0]["sid"]
    await rig.api("POST", f"/IncomingPhoneNumbers/{number}.json", {"SmsUrl": rig.center.url("/later")})
    again = await rig_on(tmp_path / "state")
    await again.text_in(line=QUIET)
    assert [heard.path for heard in again.center.heard] == ["/later"]


async def test_an_emptied_ledger_stays_empty_and_keeps_people(rig_on: Any, tmp_path: Path) -> None:
    rig = await rig_on(tmp_path / "state")
    await rig.text_in("STOP")
    async with rig.session.delete(rig.url("/twin/ledger")):
        pass
    again = await rig_on(tmp_path / "state")
    after = await again.get("/twin/ledger")
    assert not any(after[name] for name in ("messages", "webhooks", "opt_outs"))
    assert len((await again.get("/twin/phone"))["people"]) == 6
