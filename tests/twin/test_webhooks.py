"""How the center's server is told: form, names, signature, retries, fallback."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.twin.center import Heard
from tests.twin.conftest import DANA, LINE, MAYA, POOLED, TOKEN, Rig, config_for, until

NAMES: dict[str, list[str]] = json.loads((Path(__file__).parent / "webhook_names.json").read_text())
PICTURE = {"content_type": "image/jpeg", "data": "/9j/"}


async def configure(rig: Rig, **numbers: Any) -> None:
    """Change the first number's settings."""
    config = config_for(rig.center.origin)
    config["accounts"][0]["numbers"][0].update(numbers)
    async with rig.session.put(rig.url("/twin/config"), json=config) as response:
        assert response.status == 200, await response.text()


async def test_a_text_is_told_in_twilios_form(rig: Rig) -> None:
    rows = await rig.text_in("Hi & bye 👋\n")
    heard = rig.center.heard[0]
    assert heard.method == "POST"
    assert heard.headers["User-Agent"] == "TwilioProxy/1.1"
    assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert heard.headers["I-Twilio-Idempotency-Token"]
    assert heard.is_signed(rig.center.origin, TOKEN)
    assert not heard.is_signed(rig.center.origin, TOKEN + "x"), "the judge must be able to refuse"
    assert list(heard.params) == NAMES["sms-plain"]
    params = heard.params
    assert params["MessageSid"] == params["SmsSid"] == params["SmsMessageSid"] == rows[0]["sid"]
    assert (params["From"], params["To"], params["Body"]) == (MAYA, LINE, "Hi & bye 👋\n")
    assert (params["NumMedia"], params["SmsStatus"], params["FromCity"]) == ("0", "received", "")
    assert rows[0]["status"] == 200


async def test_a_number_in_a_service_names_it(rig: Rig) -> None:
    await rig.text_in(line=POOLED)
    assert list(rig.center.heard[0].params) == NAMES["sms-messaging-service"]


async def test_pictures_come_with_an_mm_sid_and_an_address_each(rig: Rig) -> None:
    await rig.text_in("", media=[PICTURE, PICTURE])
    params = rig.center.heard[0].params
    assert list(params) == NAMES["mms-two-files"]
    assert params["MessageSid"].startswith("MM")
    assert params["Body"] == ""
    assert params["MediaUrl1"].startswith("https://api.twilio.com/2010-04-01/Accounts/")


@pytest.mark.parametrize(
    ("person", "form", "names"),
    [
        (MAYA, {}, ["status-sent", "status-delivered"]),
        (DANA, {}, ["status-sent", "status-undelivered-30003"]),
    ],
)
async def test_statuses_are_told_in_twilios_form(rig: Rig, person: str, form: Any, names: list[str]) -> None:
    sent = await rig.send(to=person, **form)
    await rig.statuses(sent["sid"], 2)
    for heard, name in zip(rig.center.at("/status"), names, strict=True):
        expected = [key for key in NAMES[name] if key != "MessagingServiceSid"]
        assert list(heard.params) == expected
        assert heard.is_signed(rig.center.origin, TOKEN)


async def test_the_query_of_a_callback_is_kept_and_signed(rig: Rig) -> None:
    await rig.send(StatusCallback=rig.center.url("/status?message=0193&x=a%20b"))
    await until(lambda: len(rig.center.heard) == 2)
    assert rig.center.heard[0].path == "/status?message=0193&x=a%20b"
    assert rig.center.heard[0].is_signed(rig.center.origin, TOKEN)


async def test_the_public_address_is_signed_while_another_is_connected_to(rig: Rig) -> None:
    config = config_for("https://center.example.org", deliver_to=rig.center.origin)
    async with rig.session.put(rig.url("/twin/config"), json=config) as response:
        assert response.status == 200
    rows = await rig.text_in()
    assert rows[0]["status"] == 200
    heard = rig.center.heard[0]
    assert heard.headers["Host"] == "center.example.org"
    assert heard.is_signed("https://center.example.org", TOKEN)


async def test_by_default_an_error_or_a_silence_is_not_tried_again(rig: Rig) -> None:
    rig.center.fails("/message", 503)
    assert (await rig.text_in())[0] | {"sid": ""} == {
        "sid": "", "status": 503, "heard": "503", "attempts": 1, "outcome": "failed",
    }  # fmt: skip


async def test_by_default_a_refused_connection_is_tried_once_more(rig: Rig) -> None:
    await configure(rig, message_url="http://127.0.0.1:9/message")
    row = (await rig.text_in())[0]
    assert (row["attempts"], row["heard"], row["status"]) == (2, "ct", None)


@pytest.mark.parametrize(
    ("fragment", "status", "attempts"),
    [
        ("#rc=3&rp=5xx", 503, 4),
        ("#rc=5&rp=all", 404, 6),
        ("#rc=2&rp=4xx", 503, 1),
        ("#rc=0&rp=all", 503, 1),
        ("#rp=4xx", 404, 2),
        ("#rc=9", 503, 1),
        ("#rc=2&rp=nonsense", 503, 1),
    ],
)
async def test_the_fragment_steers_retries_and_travels_nowhere(
    rig: Rig, fragment: str, status: int, attempts: int
) -> None:
    await configure(rig, message_url=rig.center.url("/message" + fragment))
    rig.center.fails("/message", status)
    assert (await rig.text_in())[0]["attempts"] == attempts
    tokens = {heard.headers["I-Twilio-Idempotency-Token"] for heard in rig.center.heard}
    assert len(tokens) == 1, "retries of one webhook share a token"
    assert all(heard.path == "/message" for heard in rig.center.heard)
    assert all(heard.is_signed(rig.center.origin, TOKEN) for heard in rig.center.heard)


async def test_a_retry_that_succeeds_ends_the_trying(rig: Rig) -> None:
    await configure(rig, message_url=rig.center.url("/message#rc=5&rp=5xx"))
    answers = iter([503, 503, 204])
    rig.center.answers["/message"] = lambda heard: web.Response(status=next(answers))
    row = (await rig.text_in())[0]
    assert (row["attempts"], row["status"], row["outcome"]) == (3, 204, "answered")


async def test_an_answer_that_pleases_is_not_asked_for_again_whatever_the_policy(rig: Rig) -> None:
    await configure(rig, message_url=rig.center.url("/message#rc=5&rp=all"))
    row = (await rig.text_in())[0]
    assert (row["attempts"], row["outcome"]) == (1, "answered")


async def test_a_silent_server_is_given_up_on_after_the_time_asked_for(rig: Rig) -> None:
    await configure(rig, message_url=f"{await silent_server(rig)}/message#rt=200")
    row = (await rig.text_in())[0]
    assert (row["attempts"], row["heard"]) == (1, "rt")


async def silent_server(rig: Rig) -> str:
    import asyncio

    server = await asyncio.start_server(lambda reader, writer: asyncio.sleep(1), "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (lambda heard: web.Response(status=500), "11200"),
        (lambda heard: web.Response(text="<Response>", content_type="text/xml"), "12100"),
        (lambda heard: web.Response(text="<Answer/>", content_type="text/xml"), "12200"),
        (lambda heard: web.Response(text="{}", content_type="application/json"), "12300"),
        (lambda heard: web.Response(text="<Response/>" + " " * 70_000, content_type="text/xml"), "11750"),
    ],
)
async def test_the_fallback_is_asked_when_the_first_answer_is_no_use(rig: Rig, first: Any, code: str) -> None:
    await configure(rig, message_fallback_url=rig.center.url("/fallback"))
    rig.center.answers["/message"] = first
    row = (await rig.text_in())[0]
    told = rig.center.at("/fallback")[0].params
    assert (told["ErrorCode"], told["ErrorUrl"]) == (code, rig.center.url("/message"))
    assert told["MessageSid"] == row["sid"]
    assert (row["outcome"], row["attempts"]) == ("answered", 2)
    assert rig.center.at("/fallback")[0].is_signed(rig.center.origin, TOKEN)


async def test_a_redirect_is_followed_without_the_form(rig: Rig) -> None:
    def redirect(heard: Heard) -> web.Response:
        return web.Response(status=301, headers={"Location": "/message/"})

    rig.center.answers["/message"] = redirect
    await rig.text_in()
    assert [(heard.method, heard.path, heard.pairs) for heard in rig.center.heard[1:]] == [("GET", "/message/", [])]


@pytest.mark.parametrize(
    ("answer", "content_type"),
    [
        ("<Response><Message>We are here.</Message></Response>", "text/xml"),
        ("<Response><Message><Body>We are here.</Body></Message></Response>", "application/xml"),
        ("We are here.", "text/plain"),
    ],
)
async def test_an_answer_in_twiml_reaches_the_phone(rig: Rig, answer: str, content_type: str) -> None:
    rig.center.answers["/message"] = lambda heard: web.Response(text=answer, content_type=content_type)
    await rig.text_in()
    reply = (await rig.get("/twin/ledger"))["messages"][1]
    assert (reply["direction"], reply["body"], reply["to"]) == ("outbound-reply", "We are here.", MAYA)


async def test_posting_by_hand_can_be_signed_well_badly_or_not_at_all(rig: Rig) -> None:
    url = rig.center.url("/message?x=1")
    for signature, good in (("good", True), ("bad", False), ("none", False), ("made up", False)):
        pairs = [["Body", "a"], ["Body", "b"], ["Odd", ""]]
        await rig.post("/twin/raw", {"url": url, "params": {"Body": "é"}, "signature": signature})
        assert rig.center.heard[-1].is_signed(rig.center.origin, TOKEN) is good
        await rig.post("/twin/raw", {"url": url, "params": pairs, "signature": signature})
        assert rig.center.heard[-1].pairs == [("Body", "a"), ("Body", "b"), ("Odd", "")]
    assert "X-Twilio-Signature" in rig.center.heard[0].headers
    assert "X-Twilio-Signature" not in rig.center.heard[4].headers
    await rig.post("/twin/raw", {"url": url, "raw_base64": "Qm9keT3/AA=="})
    assert rig.center.heard[-1].raw == b"Body=\xff\x00"
    await rig.post("/twin/raw", {"url": url, "method": "GET"})
    assert rig.center.heard[-1].method == "GET"
