"""One reply on its way out, against the twin: sent once, and honest about what nobody knows."""

import socket
import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from jobs.models import Job
from messaging.actions.delivery import deliver
from messaging.actions.doubts import decide_unknown
from messaging.actions.replies import undo_reply
from messaging.actions.work import Work
from messaging.models import (
    Conversation,
    FollowUp,
    FollowUpKind,
    Line,
    Message,
    OptOut,
    OptOutSource,
    Status,
)
from messaging.twilio import gateway
from messaging.twilio.http import QuietHttpClient
from tenancy.scope import in_center
from tests.cast import LINE_NUMBER, PHONE
from tests.doors import sid, signed_in, status_of, text_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.twin_process import SERVICE, TwinProcess

pytestmark = pytest.mark.django_db

DOES_NOT_SAY = ["500", "html502", "drop_before", "drop_after_accept", "broken_body", "hang"]


def owed(message: Message) -> set[str]:
    with in_center(message.center_id):
        return set(FollowUp.objects.open().filter(message=message).values_list("kind", flat=True))


def events_of(message: Message) -> list[str]:
    with in_center(message.center_id):
        entries = LogEntry.objects.filter(object_pk=str(message.pk)).order_by("timestamp", "id")
        return [entry.event for entry in entries]


def test_a_reply_leaves_when_the_time_for_undoing_it_is_over(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    message = reply(naomi, "Can you talk at 3? 👋")
    work_after(4)
    assert twin.texts == []
    work_after(6)

    (text,) = twin.texts
    assert (text["to"], text["from"], text["body"]) == (PHONE, LINE_NUMBER, "Can you talk at 3? 👋")
    sent = fresh(message)
    assert (sent.status, sent.twilio_sid) == (Status.ACCEPTED, text["sid"])
    assert Event.MESSAGE_SENT in events_of(message)


def test_twilio_is_told_to_report_to_an_address_that_holds_our_own_id(
    twin: TwinProcess, reply: Reply, naomi: Membership, line: Line
) -> None:
    twin.begin_anew(plan="delivered")
    message = reply(naomi)
    work_after(6)
    callback = f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{line.pk}/status?message={message.pk}"
    deadline = time.monotonic() + 5
    while not (webhooks := twin.ledger["webhooks"]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert {webhook["url"] for webhook in webhooks} == {callback}


def test_a_line_in_a_messaging_service_sends_by_it(
    twin: TwinProcess, reply: Reply, naomi: Membership, line: Line
) -> None:
    twin.begin_anew(messaging_service_sid=SERVICE)
    with in_center(line.center_id):
        line.messaging_service_sid = SERVICE
        line.save()
    reply(naomi)
    work_after(6)
    (text,) = twin.texts
    assert text["messaging_service_sid"] == SERVICE


def test_a_job_that_runs_twice_sends_once(twin: TwinProcess, reply: Reply, naomi: Membership) -> None:
    message = reply(naomi)
    work_after(6)
    deliver(message.center_id, message.pk)
    deliver(message.center_id, message.pk)

    assert len(twin.texts) == 1
    assert fresh(message).status == Status.ACCEPTED


def test_an_undone_reply_never_leaves(twin: TwinProcess, reply: Reply, naomi: Membership) -> None:
    message = reply(naomi)
    with in_center(message.center_id):
        Message.objects.filter(pk=message.pk).update(status=Status.UNDONE)
    work_after(6)
    assert twin.texts == []


@pytest.mark.parametrize("kind", DOES_NOT_SAY)
def test_an_answer_that_says_nothing_is_never_followed_by_a_second_try(
    twin: TwinProcess, reply: Reply, naomi: Membership, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.twilio.http.READ_SECONDS", 0.3)
    twin.misbehave(kind, method="POST", seconds=2)
    message = reply(naomi)
    work_after(6)

    assert fresh(message).status == Status.UNKNOWN
    assert len(twin.texts) == (1 if kind in ("drop_after_accept", "broken_body") else 0)
    work_after(900)
    assert len(twin.texts) == (1 if kind in ("drop_after_accept", "broken_body") else 0)


def test_a_text_of_which_nobody_was_sure_is_found_in_twilios_list(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    twin.misbehave("drop_after_accept", method="POST")
    message = reply(naomi)
    work_after(6)
    assert fresh(message).status == Status.UNKNOWN
    work_after(40)

    (text,) = twin.texts
    settled = fresh(message)
    assert settled.twilio_sid == text["sid"]
    assert Status(settled.status).rank >= Status.ACCEPTED.rank
    assert Event.MESSAGE_SETTLED in events_of(message)
    work_after(900)
    assert owed(message) == set()


def test_two_alike_of_which_nobody_was_sure_are_each_found_once(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    twin.misbehave("drop_after_accept", method="POST", times=2)
    first, second = reply(naomi, "Are you there?"), reply(naomi, "Are you there?")
    work_after(6)
    work_after(40)

    assert {fresh(first).twilio_sid, fresh(second).twilio_sid} == {text["sid"] for text in twin.texts}


def test_an_earlier_text_of_the_same_words_is_not_taken_for_it(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    first = reply(naomi, "Are you there?")
    work_after(6)
    twin.misbehave("drop_before", method="POST")
    second = reply(naomi, "Are you there?")
    work_after(6)
    work_after(400)

    assert fresh(first).twilio_sid is not None
    assert (fresh(second).status, fresh(second).twilio_sid) == (Status.UNKNOWN, None)


def test_after_ten_minutes_a_person_is_asked(twin: TwinProcess, reply: Reply, naomi: Membership) -> None:
    twin.misbehave("drop_before", method="POST")
    message = reply(naomi)
    work_after(6)
    work_after(500)
    assert owed(message) == set()
    work_after(610)
    assert owed(message) == {FollowUpKind.UNSURE}
    with in_center(message.center_id):
        assert Conversation.objects.get().failed_at is not None


def test_a_list_that_cannot_be_had_is_asked_again(twin: TwinProcess, reply: Reply, naomi: Membership) -> None:
    twin.misbehave("drop_after_accept", method="POST")
    message = reply(naomi)
    work_after(6)
    twin.misbehave("500", method="GET", times=1)
    work_after(40)
    assert fresh(message).status == Status.UNKNOWN
    work_after(130)
    assert fresh(message).twilio_sid == twin.texts[0]["sid"]


def test_a_text_that_is_in_doubt_again_asks_a_person_again(twin: TwinProcess, reply: Reply, naomi: Membership) -> None:
    twin.misbehave("drop_before", method="POST", times=2)
    message = reply(naomi)
    work_after(6)
    work_after(610)
    with in_center(message.center_id):
        Message.objects.update(sending_since=timezone.now() - timedelta(minutes=11))
        assert decide_unknown(message, by=naomi, resend=True)
    assert owed(message) == set()
    work_after(620)
    assert fresh(message).status == Status.UNKNOWN
    work_after(1300)
    assert owed(message) == {FollowUpKind.UNSURE}


@pytest.mark.parametrize("resend", [True, False])
def test_a_person_decides_about_a_doubtful_text(
    twin: TwinProcess, reply: Reply, naomi: Membership, resend: bool
) -> None:
    twin.misbehave("drop_before", method="POST")
    message = reply(naomi)
    work_after(6)
    work_after(610)
    with in_center(message.center_id):
        Message.objects.update(sending_since=timezone.now() - timedelta(minutes=11))
        assert decide_unknown(message, by=naomi, resend=resend)
        assert not decide_unknown(message, by=naomi, resend=resend), "the second decision should come too late"
        assert Conversation.objects.get().failed_at is None
    work_after(620)

    assert len(twin.texts) == resend
    assert fresh(message).status == (Status.ACCEPTED if resend else Status.FAILED)
    assert owed(message) == set()


@pytest.mark.parametrize(("minutes", "may_decide"), [(9, False), (11, True)])
def test_the_ten_minutes_hold_whichever_way_a_decision_comes(
    twin: TwinProcess, reply: Reply, naomi: Membership, minutes: int, may_decide: bool
) -> None:
    twin.misbehave("drop_before", method="POST")
    message = reply(naomi)
    work_after(6)
    with in_center(message.center_id):
        assert Message.objects.filter(status=Status.UNKNOWN).update(
            sending_since=timezone.now() - timedelta(minutes=minutes)
        )
        assert decide_unknown(message, by=naomi, resend=True) is may_decide
    assert fresh(message).status == (Status.QUEUED if may_decide else Status.UNKNOWN)


def test_nobody_decides_about_a_doubtful_text_while_it_is_still_looked_for(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    twin.misbehave("drop_before", method="POST")
    message = reply(naomi)
    work_after(6)
    assert fresh(message).status == Status.UNKNOWN
    signed_in(naomi).post(f"/messages/{message.pk}/decision/", {"decision": "resend"})
    assert fresh(message).status == Status.UNKNOWN
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        signed_in(naomi).post(f"/messages/{message.pk}/decision/", {"decision": "leave"})
    assert fresh(message).status == Status.FAILED


def test_what_twilio_refuses_has_failed_and_is_not_tried_again(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    twin.misbehave("404", method="POST")
    message = reply(naomi)
    work_after(6)
    work_after(900)

    assert (fresh(message).status, fresh(message).error_code) == (Status.FAILED, 20404)
    assert owed(message) == {FollowUpKind.FAILED}
    assert twin.texts == []


def test_an_opt_out_told_by_the_carrier_stands_from_then_on(
    twin: TwinProcess, reply: Reply, naomi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise gateway.Refused(gateway.OPTED_OUT)

    monkeypatch.setattr("messaging.actions.delivery.send_text", refused)
    message = reply(naomi)
    work_after(6)

    with in_center(message.center_id):
        assert OptOut.objects.get().source == OptOutSource.CARRIER
    assert owed(message) == {FollowUpKind.FAILED}


def test_her_stop_in_the_time_for_undoing_holds_the_reply_back(
    twin: TwinProcess, reply: Reply, naomi: Membership, line: Line
) -> None:
    message = reply(naomi)
    text_in(line, "STOP", MessageSid=sid(2))
    work_after(6)

    assert twin.texts == []
    assert (fresh(message).status, fresh(message).error_code) == (Status.FAILED, gateway.OPTED_OUT)


@pytest.mark.parametrize("kind", ["429"])
def test_a_busy_twilio_is_asked_again_and_the_text_leaves_once(
    twin: TwinProcess, reply: Reply, naomi: Membership, kind: str
) -> None:
    twin.misbehave(kind, method="POST", times=2)
    message = reply(naomi)
    work_after(6)
    assert fresh(message).status == Status.QUEUED
    work_after(12)
    work_after(60)

    assert len(twin.texts) == 1
    assert fresh(message).status == Status.ACCEPTED


def test_a_refused_connection_is_tried_again(
    twin: TwinProcess, reply: Reply, naomi: Membership, settings: Settings
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.TWILIO_API_BASE_URL = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        message = reply(naomi)
        work_after(6)
        assert fresh(message).status == Status.QUEUED
    settings.TWILIO_API_BASE_URL = twin.address
    work_after(60)
    assert fresh(message).status == Status.ACCEPTED


def test_a_text_that_twilio_never_took_waits_for_a_day_and_then_asks_a_person(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    twin.misbehave("429", method="POST", times=-1)
    message = reply(naomi)
    for hour in range(1, 24):
        work_after(hour * 3600)
    assert owed(message) == set()
    work_after(25 * 3600)

    assert fresh(message).status == Status.QUEUED
    assert owed(message) == {FollowUpKind.STALE}
    assert twin.texts == []


def test_a_worker_that_died_during_the_call_leaves_a_doubt_not_a_second_text(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    message = reply(naomi)
    with in_center(message.center_id):
        Message.objects.filter(pk=message.pk).update(status=Status.SENDING)
    work_after(200)

    assert twin.texts == []
    assert fresh(message).status == Status.UNKNOWN
    with in_center(message.center_id):
        assert Job.objects.filter(kind=Work.SETTLE).count() == 3


def test_what_cannot_be_unsealed_is_never_claimed(
    twin: TwinProcess, reply: Reply, naomi: Membership, line: Line
) -> None:
    message = reply(naomi)
    with in_center(line.center_id), connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_message SET body = %s WHERE id = %s", [b"no envelope", message.pk])
    work_after(6)
    assert fresh(message).status == Status.QUEUED
    assert twin.texts == []


def test_a_redirect_is_not_followed_and_no_request_is_kept(twin: TwinProcess) -> None:
    client = QuietHttpClient(twin.address)
    answer = client.request("GET", "https://api.twilio.com/twin/health")
    assert answer.status_code == 200
    assert getattr(client, "_test_only_last_request", None) is None
    assert getattr(client, "_test_only_last_response", None) is None


def test_the_callback_reaches_a_message_whose_answer_was_lost(
    twin: TwinProcess, reply: Reply, naomi: Membership, line: Line
) -> None:
    twin.misbehave("drop_after_accept", method="POST")
    message = reply(naomi)
    work_after(6)
    (text,) = twin.texts
    assert status_of(line, message.pk, "delivered", text["sid"]).status_code == 204

    assert (fresh(message).status, fresh(message).twilio_sid) == (Status.DELIVERED, text["sid"])
    work_after(900)
    assert owed(message) == set()


def test_a_text_that_may_have_arrived_and_is_sent_again_cannot_be_taken_back(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    twin.misbehave("drop_after_accept", method="POST", times=1)
    message = reply(naomi)
    work_after(6)
    assert len(twin.texts) == 1, "or this proves nothing"
    with in_center(message.center_id):
        Message.objects.update(sending_since=timezone.now() - timedelta(minutes=11))
        assert decide_unknown(message, by=naomi, resend=True)
        assert not fresh(message).can_undo
        assert undo_reply(message, by=naomi) is None


def test_a_text_that_a_busy_twilio_did_not_take_can_be_taken_back(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    twin.misbehave("429", method="POST", times=1)
    message = reply(naomi)
    work_after(6)
    with in_center(message.center_id):
        assert fresh(message).can_undo
        assert undo_reply(message, by=naomi) == message.body


def test_for_ten_minutes_the_computer_finds_out_and_only_then_a_person_is_asked(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    twin.misbehave("drop_before", method="POST")
    message = reply(naomi)
    work_after(6)
    assert fresh(message).status == Status.UNKNOWN
    desk, thread = signed_in(naomi), f"/conversations/{message.conversation_id}/"
    page = desk.get(thread).content.decode()
    assert "We are finding out whether it was sent" in page
    assert "Send it again" not in page
    with in_center(message.center_id):
        Message.objects.update(sending_since=timezone.now() - timedelta(minutes=10, seconds=1))
    assert "Send it again" in desk.get(thread).content.decode()
