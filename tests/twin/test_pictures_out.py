"""Pictures that a center sends: fetched without a password, checked, kept, shown on the phone."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.twin.conftest import LINE, MAYA, PNG, Rig, config_for, until


def offers(rig: Rig, path: str, data: bytes = PNG, content_type: str = "image/png", status: int = 200) -> str:
    rig.center.answers[path.partition("?")[0]] = lambda heard: web.Response(
        body=data, content_type=content_type, status=status
    )
    return rig.center.url(path)


async def send(rig: Rig, *urls: str, body: str = "") -> Any:
    form = [("To", MAYA), ("From", LINE), ("StatusCallback", rig.center.url("/status"))]
    form += [("MediaUrl", url) for url in urls] + ([("Body", body)] if body else [])
    return await rig.api("POST", "/Messages.json", form)


async def ended(rig: Rig, sid: str) -> tuple[str, int | None]:
    message = rig.twin.world.messages[sid]
    await until(lambda: message.status in {"delivered", "failed", "undelivered"})
    return message.status, message.error


async def test_a_picture_is_fetched_without_a_password_and_reaches_the_phone(rig: Rig) -> None:
    status, sent = await send(rig, offers(rig, "/m/1?t=x"), offers(rig, "/m/2", b"GIF89a", "image/gif"), body="Hi")
    assert (status, sent["num_media"], sent["sid"][:2]) == (201, "2", "MM")
    assert await ended(rig, sent["sid"]) == ("delivered", None)
    fetched = rig.center.at("/m/1")[0]
    assert (fetched.method, fetched.path) == ("GET", "/m/1?t=x")
    assert fetched.headers["User-Agent"] == "TwilioProxy/1.1"
    assert not {"Authorization", "X-Twilio-Signature"} & set(fetched.headers)
    thread = await rig.get(f"/twin/thread?person=%2B{MAYA[1:]}&line=%2B{LINE[1:]}")
    shown = thread["entries"][0]["media"]
    async with rig.session.get(rig.url(shown[0]["url"])) as response:
        assert (response.content_type, await response.read()) == ("image/png", PNG)
    notes = (await rig.get("/twin/ledger"))["fetches"]
    assert [(note["status"], note["content_type"], note["bytes"], note["problem"]) for note in notes] == [
        (200, "image/png", len(PNG), None), (200, "image/gif", 6, None),
    ]  # fmt: skip


async def test_its_files_are_listed_and_can_be_deleted(rig: Rig) -> None:
    _, sent = await send(rig, offers(rig, "/m/1"))
    await ended(rig, sent["sid"])
    path = f"/Messages/{sent['sid']}/Media"
    [media] = (await rig.api("GET", path + ".json"))[1]["media_list"]
    assert media["content_type"] == "image/png"
    assert (await rig.api("DELETE", f"{path}/{media['sid']}.json"))[0] == 204
    assert (await rig.api("GET", path + ".json"))[1]["media_list"] == []


@pytest.mark.parametrize(
    ("offer", "end"),
    [
        ({"status": 404}, ("failed", 11200)),
        ({"status": 500}, ("failed", 11200)),
        ({"content_type": "text/html"}, ("failed", 12300)),
        ({"data": bytes(5 * 1024 * 1024 + 1)}, ("undelivered", 30019)),
        ({"data": bytes(5 * 1024 * 1024)}, ("delivered", None)),
    ],
)
async def test_a_file_that_cannot_be_used_ends_the_text(rig: Rig, offer: Any, end: tuple[str, int | None]) -> None:
    _, sent = await send(rig, offers(rig, "/m/1", **offer), body="Hi")
    assert await ended(rig, sent["sid"]) == end
    await until(lambda: any(heard.params.get("MessageStatus") == end[0] for heard in rig.center.at("/status")))
    assert rig.center.at("/status")[-1].params.get("ErrorCode") == (str(end[1]) if end[1] else None)


async def test_the_size_counts_over_all_files(rig: Rig) -> None:
    half = bytes(3 * 1024 * 1024)
    _, sent = await send(rig, offers(rig, "/m/1", half), offers(rig, "/m/2", half))
    assert await ended(rig, sent["sid"]) == ("undelivered", 30019)


async def test_nobody_at_the_address_ends_the_text(rig: Rig) -> None:
    _, sent = await send(rig, "http://127.0.0.1:9/m/1")
    assert await ended(rig, sent["sid"]) == ("failed", 11205)


async def test_more_than_ten_files_or_no_address_are_refused(rig: Rig) -> None:
    url = offers(rig, "/m/1")
    assert (await send(rig, *[url] * 11))[1]["code"] == 21623
    assert (await send(rig, "/m/1"))[1]["code"] == 21620
    assert rig.center.heard == []


async def test_the_public_address_is_asked_by_way_of_the_mapped_one(rig: Rig) -> None:
    config = config_for("https://center.example.org", deliver_to=rig.center.origin)
    async with rig.session.put(rig.url("/twin/config"), json=config) as response:
        assert response.status == 200
    offers(rig, "/m/1")
    _, sent = await send(rig, "https://center.example.org/m/1")
    assert (await ended(rig, sent["sid"]))[0] == "delivered"
    assert rig.center.at("/m/1")[0].headers["Host"] == "center.example.org"


@pytest.mark.parametrize(("kind", "fetches", "end"), [("fetch_twice", 2, "delivered"), ("fetch_never", 0, "failed")])
async def test_a_file_can_be_fetched_twice_or_never(rig: Rig, kind: str, fetches: int, end: str) -> None:
    await rig.post("/twin/faults", {"kind": kind, "match": {"path": "/m/"}}, status=201)
    _, sent = await send(rig, offers(rig, "/m/1"))
    assert (await ended(rig, sent["sid"]))[0] == end
    assert len(rig.center.at("/m/1")) == fetches
    assert {note["fault"] for note in (await rig.get("/twin/ledger"))["fetches"]} == {kind}


async def test_a_file_can_be_fetched_late(rig: Rig) -> None:
    await rig.post("/twin/faults", {"kind": "fetch_late", "seconds": 0.2}, status=201)
    _, sent = await send(rig, offers(rig, "/m/1"))
    await asyncio.sleep(0.1)
    assert rig.center.heard == []
    offers(rig, "/m/1", status=404)  # it has expired meanwhile
    assert await ended(rig, sent["sid"]) == ("failed", 11200)
