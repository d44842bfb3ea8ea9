"""An ended number as staff meet it: what the page says, offers and refuses. Through HTTP."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from messaging.actions.assignment import assign
from messaging.models import Conversation, Draft, EpochEnd, Line, Message, Status
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in
from tests.messaging.conftest import Reply, fresh
from tests.messaging.test_epochs import end

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(naomi: Membership) -> Client:
    return signed_in(naomi)


def page(desk: Client, row: Conversation) -> str:
    answer = desk.get(f"/conversations/{row.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def post(desk: Client, row: Conversation, door: str, **values: str) -> Any:
    return desk.post(f"/conversations/{row.pk}/{door}/", values)


def reply_to(desk: Client, row: Conversation, body: str, **more: str) -> Any:
    return post(desk, row, "replies", body=body, last_sequence="99", key=str(uuid7()), **more)


def test_somebody_marks_a_number_and_takes_that_back(line: Line, conversation: Conversation, desk: Client) -> None:
    assert "This number is not hers any more" in page(desk, conversation)
    assert post(desk, conversation, "number/end", reason="wrong_number").status_code == 302
    shown = page(desk, conversation)
    assert "This number no longer reaches her" in shown
    assert "It is a wrong number." in shown and "Naomi said so." in shown
    assert "Write to her…" not in shown and "Write a note for colleagues" in shown
    assert "This number is not hers any more" not in shown
    assert "Out of reach" in desk.get("/inbox/list/").content.decode()

    assert post(desk, conversation, "number/revive").status_code == 302
    assert "Write to her…" in page(desk, conversation)


@pytest.mark.parametrize("reason", ["", "silence", "carrier", "nonsense"])
def test_no_other_reason_is_taken_from_a_page(conversation: Conversation, desk: Client, reason: str) -> None:
    post(desk, conversation, "number/end", reason=reason)
    assert "Write to her…" in page(desk, conversation)


def test_a_reply_posted_from_an_open_page_is_refused_and_its_words_are_kept(
    conversation: Conversation, naomi: Membership, desk: Client
) -> None:
    end(conversation, naomi)
    refused = reply_to(desk, conversation, "Come at four")
    said = refused.content.decode()
    assert refused.status_code == 422
    assert "so nothing can be sent. Your words are kept here." in said and "Come at four" in said
    with in_center(conversation.center_id):
        assert Draft.objects.get().body == "Come at four"
        assert not Message.objects.filter(direction="out", author__isnull=False).exists()
    assert "Come at four" in page(desk, conversation), "and they are there after a reload"
    kept = reply_to(desk, conversation, "Later", later="on", leaves_at="2026-12-01T12:00")
    assert kept.status_code == 422


def test_what_failed_or_is_in_doubt_is_not_sent_again(
    line: Line, conversation: Conversation, reply: Reply, naomi: Membership, desk: Client
) -> None:
    failed, doubtful = reply(naomi, "First"), reply(naomi, "Second")
    long_ago = timezone.now() - timedelta(hours=1)
    with in_center(line.center_id):
        Message.objects.filter(pk=failed.pk).update(status=Status.FAILED, error_code=30003, sending_since=long_ago)
        Message.objects.filter(pk=doubtful.pk).update(status=Status.UNKNOWN, sending_since=long_ago)
    assert "Send again" in page(desk, conversation), "or this proves nothing"
    end(conversation, naomi)
    shown = page(desk, conversation)
    assert "Send again" not in shown and "Send it again" not in shown and "Leave it" in shown

    assert "nothing can be sent" in desk.post(f"/messages/{failed.pk}/again/").content.decode()
    decided = desk.post(f"/messages/{doubtful.pk}/decision/", {"decision": "resend"})
    assert "nothing can be sent" in decided.content.decode()
    assert fresh(doubtful).status == Status.UNKNOWN
    desk.post(f"/messages/{doubtful.pk}/decision/", {"decision": "leave"})
    assert fresh(doubtful).status == Status.FAILED


def test_after_silence_she_can_be_written_to_first_but_told_nothing_yet(
    line: Line, conversation: Conversation, naomi: Membership, desk: Client
) -> None:
    end(conversation, naomi, EpochEnd.SILENCE)
    assert "Begin again with her" in page(desk, conversation)
    went = post(desk, conversation, "begin-again")
    with in_center(line.center_id):
        begun = Conversation.objects.exclude(pk=conversation.pk).get()
    assert went["Location"] == f"/conversations/{begun.pk}/"
    assert f"/conversations/{begun.pk}/" in page(desk, conversation), "the ended one leads there"

    assert "Nobody knows whether this number is still hers." in page(desk, begun)
    asked = reply_to(desk, begun, "Is this still you?")
    assert "She has not answered in this conversation yet" in asked.content.decode()
    told = reply_to(desk, begun, "Your ultrasound is at four", confirmed="unheard:")
    assert told.status_code == 422 and "may tell what this place is" in told.content.decode()
    assert reply_to(desk, begun, "Is this still you?", confirmed="unheard:").status_code == 201
    text_in(line, "Yes it is me", MessageSid=sid(2))
    assert reply_to(desk, begun, "Your ultrasound is at four").status_code == 201, "she has spoken"
    assert "Nobody knows whether this number is still hers." not in page(desk, begun)


@pytest.mark.parametrize(("days", "status"), [(44, 201), (46, 422)])
def test_from_forty_five_silent_days_on_a_reply_is_asked_about_first(
    line: Line, conversation: Conversation, naomi: Membership, days: int, status: int
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        assert reply_to(signed_in(naomi), conversation, "Is this still you?").status_code == status


def test_whoever_may_not_see_the_conversation_that_has_the_number_now_is_told_so_without_its_address(
    line: Line, conversation: Conversation, naomi: Membership, ruth: Membership, desk: Client
) -> None:
    end(conversation, naomi)
    text_in(line, "Who is this?", MessageSid=sid(2))
    with in_center(line.center_id):
        new = Conversation.objects.exclude(pk=conversation.pk).get()
    assert "Open its new conversation" in page(desk, conversation)
    with in_center(line.center_id):
        assign(new, to=ruth, by=ruth)
    shown = page(desk, conversation)
    assert "A colleague holds its new conversation." in shown
    assert str(new.pk) not in shown
    assert "It was a mistake" not in shown, "it is too late for that"
