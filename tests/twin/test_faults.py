"""Misbehaviour on request: what the product's client sees, and whether the text exists afterwards."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.twin.conftest import LINE, MAYA, TOKEN, Rig, until


async def fault(rig: Rig, kind: str, **more: Any) -> str:
    answer = await rig.post("/twin/faults", {"kind": kind, **more}, status=201)
    return str(answer["id"])


def create(client: Client) -> Any:
    return client.messages.create(to=MAYA, from_=LINE, body="Hi")


async def accepted(rig: Rig) -> int:
    return len((await rig.get("/twin/ledger"))["messages"])


@pytest.mark.parametrize(
    ("kind", "more", "status", "code", "count"),
    [
        ("429", {}, 429, 20429, 0),
        ("500", {}, 500, 20500, 0),
        ("500", {"accept": True}, 500, 20500, 1),
        ("html502", {}, 502, None, 0),
        ("html502", {"accept": True}, 502, None, 1),
        ("401", {}, 401, 20003, 0),
        ("404", {}, 404, 20404, 0),
    ],
)
async def test_a_refusal_says_so_and_the_text_exists_or_not(
    rig: Rig, kind: str, more: dict[str, Any], status: int, code: int | None, count: int
) -> None:
    await fault(rig, kind, match={"path": "/Messages.json$", "method": "POST"}, **more)
    with pytest.raises(TwilioRestException) as refusal:
        await rig.sdk(create)
    assert refusal.value.status == status
    if code:
        assert refusal.value.code == code
    assert await accepted(rig) == count
    await rig.sdk(create)
    assert await accepted(rig) == count + 1, "once means once"


@pytest.mark.parametrize(("kind", "count"), [("drop_before", 0), ("drop_after_accept", 1)])
async def test_a_dropped_connection_leaves_the_client_unsure(rig: Rig, kind: str, count: int) -> None:
    await fault(rig, kind)
    with pytest.raises(requests.exceptions.ConnectionError):
        await rig.sdk(create)
    assert await accepted(rig) == count


async def test_a_broken_body_comes_with_a_text_that_exists(rig: Rig) -> None:
    await fault(rig, "broken_body")
    with pytest.raises(ValueError, match="line 1 column"):
        await rig.sdk(create)
    assert await accepted(rig) == 1


@pytest.mark.parametrize("accept", [False, True])
async def test_a_hanging_api_outlasts_the_clients_patience(rig: Rig, accept: bool) -> None:
    await fault(rig, "hang", accept=accept)
    with pytest.raises(asyncio.TimeoutError):
        await rig.api(
            "POST", "/Messages.json", {"To": MAYA, "From": LINE, "Body": "Hi"}, timeout=aiohttp.ClientTimeout(0.3)
        )
    assert await accepted(rig) == int(accept)


async def test_a_slow_api_answers_after_the_callbacks_have_come(rig: Rig) -> None:
    await fault(rig, "slow", seconds=0.3)
    sent = await rig.send()
    assert await rig.statuses(sent["sid"], 0) == ["sent", "delivered"]


async def test_retry_after_is_told(rig: Rig) -> None:
    await fault(rig, "429", retry_after=7)
    async with rig.session.post(rig.url("/2010-04-01/Accounts/AC/Messages.json")) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")


async def test_faults_last_as_often_as_asked_and_can_be_taken_back(rig: Rig) -> None:
    endless = await fault(rig, "500", times=-1)
    for _ in range(3):
        assert (await rig.api("GET", "/Messages.json"))[0] == 500
    assert (await rig.get("/twin/faults"))["faults"][0]["hits"] == 3
    async with rig.session.delete(rig.url(f"/twin/faults/{endless}")):
        assert (await rig.api("GET", "/Messages.json"))[0] == 200
    await fault(rig, "500", times=-1, probability=0)
    assert (await rig.api("GET", "/Messages.json"))[0] == 200
    await fault(rig, "500", match={"path": "/Calls"}, times=-1)
    assert (await rig.api("GET", "/Messages.json"))[0] == 200
    assert (await rig.api("GET", "/Calls.json"))[0] == 500


async def test_requests_are_noted_with_the_fault_that_struck(rig: Rig) -> None:
    await fault(rig, "429")
    await rig.api("POST", "/Messages.json", {})
    await rig.send()
    noted = (await rig.get("/twin/ledger"))["requests"]
    assert [(note["method"], note["status"], note["fault"]) for note in noted] == [
        ("POST", 429, "429"),
        ("POST", 201, ""),
    ]


@pytest.mark.parametrize(
    "wrong", [{"kind": "flood"}, {"kind": "500", "match": {"path": "("}}, {"kind": "500", "color": "red"}]
)
async def test_a_fault_that_makes_no_sense_is_refused_in_a_sentence(rig: Rig, wrong: dict[str, Any]) -> None:
    answer = await rig.post("/twin/faults", wrong, status=400)
    assert answer["error"].endswith(".")


async def test_a_doubled_webhook_comes_with_another_token_and_the_same_sid(rig: Rig) -> None:
    await fault(rig, "duplicate", copies=3)
    row = (await rig.text_in())[0]
    assert [heard.params["MessageSid"] for heard in rig.center.heard] == [row["sid"]] * 3
    assert len({heard.headers["I-Twilio-Idempotency-Token"] for heard in rig.center.heard}) == 3


async def test_a_burst_arrives_all_at_once(rig: Rig) -> None:
    await fault(rig, "burst", copies=20)
    row = (await rig.text_in())[0]
    assert [heard.params["MessageSid"] for heard in rig.center.heard] == [row["sid"]] * 20


async def test_the_same_text_can_be_told_many_times_at_once_without_a_fault(rig: Rig) -> None:
    rows = await rig.text_in(times=20, concurrent=True, same_sid=True)
    assert {row["sid"] for row in rows} == {rig.center.heard[0].params["MessageSid"]}
    assert len(rig.center.heard) == 20
    assert await accepted(rig) == 1


async def test_a_delayed_webhook_comes_later(rig: Rig) -> None:
    await fault(rig, "delay", seconds=0.2)
    start = time.monotonic()
    await rig.text_in()
    assert time.monotonic() - start >= 0.2


async def test_reordered_webhooks_arrive_the_last_first(rig: Rig) -> None:
    await fault(rig, "reorder", copies=3, times=3)
    rows = await rig.text_in(times=3, concurrent=True)
    assert [heard.params["MessageSid"] for heard in rig.center.heard] == [row["sid"] for row in rows][::-1]


async def test_a_held_webhook_is_let_go_when_no_other_comes(rig: Rig) -> None:
    await fault(rig, "reorder", copies=5, seconds=0.1)
    assert (await rig.text_in())[0]["status"] == 200


async def test_a_dropped_webhook_never_comes_but_the_text_can_be_listed(rig: Rig) -> None:
    await fault(rig, "drop", match={"about": "message"})
    row = (await rig.text_in())[0]
    assert (row["outcome"], rig.center.heard) == ("dropped", [])
    _, listed = await rig.api("GET", f"/Messages.json?From=%2B{MAYA[1:]}")
    assert [message["sid"] for message in listed["messages"]] == [row["sid"]]


async def test_a_forged_webhook_is_one_that_the_library_refuses(rig: Rig) -> None:
    await fault(rig, "bad_signature")
    await rig.text_in()
    await rig.text_in()
    assert [heard.is_signed(rig.center.origin, TOKEN) for heard in rig.center.heard] == [False, True]


async def test_a_fault_can_be_kept_to_status_callbacks(rig: Rig) -> None:
    await fault(rig, "drop", match={"about": "status", "path": "^/status$"}, times=-1)
    await rig.text_in()
    await rig.send()
    await until(lambda: not rig.twin.world.tasks)
    assert [heard.path for heard in rig.center.heard] == ["/message"]
