"""The official library as the client: what it does with Twilio works with the twin."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.twin.conftest import ACCOUNT, LINE, MAYA, POOLED, QUIET, SERVICE, Rig


async def test_a_text_is_created_queued_and_ends_delivered(rig: Rig) -> None:
    sent = await rig.sdk(
        lambda client: client.messages.create(
            to=MAYA, from_=LINE, body="Hi 👋", status_callback=rig.center.url("/status?id=7")
        )
    )
    assert (sent.status, sent.sid[:2], sent.num_segments, sent.error_code) == ("queued", "SM", "1", None)
    assert await rig.statuses(sent.sid, 2) == ["sent", "delivered"]
    fetched = await rig.sdk(lambda client: client.messages(sent.sid).fetch())
    assert (fetched.status, fetched.body) == ("delivered", "Hi 👋")
    assert fetched.date_created.tzinfo is not None


async def test_a_text_through_a_service_starts_accepted_without_a_sender(rig: Rig) -> None:
    sent = await rig.sdk(
        lambda client: client.messages.create(
            to=MAYA, messaging_service_sid=SERVICE, body="Hi", status_callback=rig.center.url("/status")
        )
    )
    assert (sent.status, sent.from_, sent.num_segments) == ("accepted", None, "0")
    assert await rig.statuses(sent.sid, 3) == ["queued", "sent", "delivered"]
    told = rig.center.at("/status")[0].params
    assert (told["MessagingServiceSid"], told["From"]) == (SERVICE, POOLED)


async def test_the_list_is_newest_first_over_all_pages_and_filters(rig: Rig) -> None:
    sids = [row["sid"] for row in await rig.text_in(times=7)]
    await rig.text_in(person="+16145550102")

    listed = await rig.sdk(lambda client: client.messages.list(from_=MAYA, page_size=3))
    assert [message.sid for message in listed] == sids[::-1]
    since = datetime.now(UTC) - timedelta(minutes=1)
    recent = await rig.sdk(lambda client: client.messages.list(to=LINE, date_sent_after=since))
    assert len(recent) == 8
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert await rig.sdk(lambda client: client.messages.list(date_sent_after=tomorrow)) == []
    assert await rig.sdk(lambda client: client.messages.list(date_sent=tomorrow.date())) == []
    assert len(await rig.sdk(lambda client: client.messages.list(date_sent_before=tomorrow.date()))) == 8


async def test_a_new_text_between_two_pages_neither_doubles_nor_hides_one(rig: Rig) -> None:
    sids = [row["sid"] for row in await rig.text_in(times=4)]
    page = await rig.sdk(lambda client: client.messages.page(page_size=2))
    first = [message.sid for message in page]
    await rig.text_in("meanwhile")
    second = [message.sid for message in await rig.sdk(lambda client: page.next_page())]
    assert first + second == sids[::-1]


async def test_a_redacted_text_is_empty_and_a_deleted_one_is_gone(rig: Rig) -> None:
    sid = (await rig.text_in("secret"))[0]["sid"]
    assert (await rig.sdk(lambda client: client.messages(sid).update(body=""))).body == ""
    assert await rig.sdk(lambda client: client.messages(sid).delete())
    with pytest.raises(TwilioRestException) as refusal:
        await rig.sdk(lambda client: client.messages(sid).fetch())
    assert (refusal.value.status, refusal.value.code) == (404, 20404)
    kept = (await rig.get("/twin/ledger"))["messages"][0]
    assert kept["redacted"]
    assert kept["deleted_at"]


async def test_a_text_under_way_cannot_be_deleted(rig: Rig) -> None:
    sent = await rig.send()
    with pytest.raises(TwilioRestException) as refusal:
        await rig.sdk(lambda client: client.messages(sent["sid"]).delete())
    assert (refusal.value.status, refusal.value.code) == (409, 20009)
    await rig.statuses(sent["sid"], 2)
    assert await rig.sdk(lambda client: client.messages(sent["sid"]).delete())


async def test_only_a_scheduled_text_can_be_canceled(rig: Rig) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    scheduled = await rig.sdk(
        lambda client: client.messages.create(
            to=MAYA, messaging_service_sid=SERVICE, body="Hi", schedule_type="fixed", send_at=later
        )
    )
    assert scheduled.status == "scheduled"
    canceled = await rig.sdk(lambda client: client.messages(scheduled.sid).update(status="canceled"))
    assert canceled.status == "canceled"
    with pytest.raises(TwilioRestException) as refusal:
        await rig.sdk(lambda client: client.messages(scheduled.sid).update(status="canceled"))
    assert refusal.value.code == 30409


async def test_an_opted_out_pair_is_refused_until_start(rig: Rig) -> None:
    await rig.text_in(" stop ")
    with pytest.raises(TwilioRestException) as refusal:
        await rig.sdk(lambda client: client.messages.create(to=MAYA, from_=LINE, body="Hi"))
    assert (refusal.value.status, refusal.value.code) == (400, 21610)
    await rig.text_in("START")
    await rig.sdk(lambda client: client.messages.create(to=MAYA, from_=LINE, body="Hi"))


async def test_a_busy_api_says_429_and_creates_nothing(rig: Rig) -> None:
    await rig.post("/twin/faults", {"kind": "429", "match": {"path": "Messages"}, "retry_after": 3}, status=201)
    with pytest.raises(TwilioRestException) as refusal:
        await rig.sdk(lambda client: client.messages.create(to=MAYA, from_=LINE, body="Hi"))
    assert (refusal.value.status, refusal.value.code) == (429, 20429)
    assert (await rig.get("/twin/ledger"))["messages"] == []


async def test_wrong_credentials_are_20003(rig: Rig) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        await rig.sdk(lambda client: client.messages("SM" + "1" * 32).fetch(), secret="wrong")
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


async def test_a_number_takes_new_webhook_addresses(rig: Rig) -> None:
    numbers = await rig.sdk(lambda client: client.incoming_phone_numbers.list(phone_number=QUIET))
    assert [number.phone_number for number in numbers] == [QUIET]
    url = rig.center.url("/elsewhere#rc=2")
    changed = await rig.sdk(lambda client: numbers[0].update(sms_url=url, voice_url=rig.center.url("/v")))
    assert changed.sms_url == url
    await rig.text_in(line=QUIET)
    assert [heard.path for heard in rig.center.heard] == ["/elsewhere"]


async def test_lookup_names_the_kind_of_line(rig: Rig) -> None:
    def look_up(number: str) -> Callable[[Client], Any]:
        return lambda client: client.lookups.v2.phone_numbers(number).fetch(fields="line_type_intelligence")

    assert (await rig.sdk(look_up("+16145550105"))).line_type_intelligence["type"] == "landline"
    assert (await rig.sdk(look_up(MAYA))).line_type_intelligence["type"] == "mobile"
    assert (await rig.sdk(look_up(MAYA))).valid


async def test_the_account_can_be_fetched(rig: Rig) -> None:
    account = await rig.sdk(lambda client: client.api.accounts(ACCOUNT).fetch())
    assert (account.sid, account.status) == (ACCOUNT, "active")
