"""The twin's own paths: settings, refusals, and what the page is given."""

import asyncio
import json
from typing import Any

import pytest

from tests.twin.conftest import LINE, MAYA, QUIET, TOKEN, Rig
from twin.config import read_config
from twin.errors import ConfigProblem
from twin.formats import count_segments


async def test_it_says_that_it_is_well(rig: Rig) -> None:
    assert await rig.get("/twin/health") == {"ok": True}


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {"acounts": []},
        {"accounts": [{"sid": "AC1"}]},
        {"accounts": [{"sid": "AC1", "auth_token": "x", "numbers": [{"number": "614"}]}]},
        {"people": {"name": "Maya"}},
        {"people": [{"number": MAYA, "plan": "by pigeon"}]},
        {"delivery": {"default": "maybe"}},
        {"delivery": 5},
    ],
)
def test_a_wrong_configuration_is_refused_in_a_sentence(wrong: Any) -> None:
    with pytest.raises(ConfigProblem, match=r"\.$"):
        read_config(wrong)


async def test_the_configuration_is_shown_without_secrets(rig: Rig) -> None:
    assert TOKEN not in json.dumps(await rig.get("/twin/config"))


async def test_a_page_elsewhere_cannot_text(rig: Rig) -> None:
    data = json.dumps({"from": MAYA, "to": LINE, "body": "Hi"})
    async with rig.session.post(rig.url("/twin/send"), data=data, headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 400
    assert rig.center.heard == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "+16145550999"},
        {"body": "x" * 1601},
        {"body": ""},
        {"body": 5},
        {"times": 0},
        {"media": ["picture"]},
        {"media": [{"content_type": "image/png", "data": "***"}]},
        {"media": [{"content_type": "image/png", "data": ""}] * 11},
    ],
)
async def test_a_text_that_cannot_be_is_refused_in_a_sentence(rig: Rig, wrong: dict[str, Any]) -> None:
    answer = await rig.post("/twin/send", {"from": MAYA, "to": LINE, "body": "Hi", **wrong}, status=400)
    assert answer["error"].endswith(".")
    assert (await rig.get("/twin/ledger"))["messages"] == []


async def test_odd_characters_do_not_break_the_wire(rig: Rig) -> None:
    body = "nul \x00 surrogate \ud800 joined 👩‍👧"
    async with rig.session.post(
        rig.url("/twin/send"),
        data=json.dumps({"from": MAYA, "to": LINE, "body": body}),
        headers={"Content-Type": "application/json"},
    ) as answer:
        assert answer.status == 200
    assert rig.center.heard[0].params["Body"] == "nul \x00 surrogate ? joined 👩‍👧"
    assert rig.center.heard[0].is_signed(rig.center.origin, TOKEN)


async def test_a_number_without_an_address_keeps_the_text_and_tells_nobody(rig: Rig) -> None:
    assert (await rig.text_in(line=QUIET))[0]["outcome"] == ""
    assert len((await rig.get("/twin/ledger"))["messages"]) == 1


async def test_a_stranger_gets_a_place_on_the_page(rig: Rig) -> None:
    await rig.text_in("Hi", person="+16145550177")
    people = (await rig.get("/twin/phone"))["people"]
    assert people[-1]["number"] == "+16145550177"
    assert people[-1]["last"]["body"] == "Hi"


async def test_a_thread_holds_one_persons_texts_with_one_center(rig: Rig) -> None:
    await rig.text_in("one")
    await rig.text_in("other", line=QUIET)
    await rig.text_in("another", person="+16145550102")
    await rig.send()
    thread = await rig.get(f"/twin/thread?person=%2B{MAYA[1:]}&line=%2B{LINE[1:]}")
    assert [(entry["body"], entry["mine"]) for entry in thread["entries"]] == [("one", True), ("Hi", False)]


async def test_open_pages_hear_news(rig: Rig) -> None:
    async with rig.session.get(rig.url("/twin/events")) as stream:
        await stream.content.readuntil(b"\n\n")
        await rig.text_in("Hello")
        async with asyncio.timeout(2):
            first = await stream.content.readuntil(b"\n\n")
    kind, data = first.decode().strip().split("\n")
    assert kind == "event: message"
    assert json.loads(data.removeprefix("data: "))["body"] == "Hello"


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("", 1), ("x" * 160, 1), ("x" * 161, 2), ("x" * 306, 2), ("x" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
        ("é" * 160, 1), ("ê" * 70, 1), ("ê" * 71, 2), ("👋" * 35, 1), ("👋" * 36, 2), ("“quoted”", 1),
    ],
)  # fmt: skip
def test_parts_are_counted_as_carriers_do(body: str, segments: int) -> None:
    assert count_segments(body) == segments
