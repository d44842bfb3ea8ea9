"""From an entry on it is somebody else: what moves, what stays, what is owed, who still finds it. Through the door."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from encryption.keystore import destroy_epoch_key
from messaging.actions import attachments
from messaging.models import (
    Attachment,
    Call,
    Conversation,
    EventKind,
    FollowUp,
    FollowUpKind,
    Line,
    Message,
    NumberEpoch,
    PhoneNumber,
    Recording,
    Status,
)
from tenancy.scope import in_center
from tests.doors import sid, signed_in, status_of, text_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.messaging.test_calls import call, recorded

pytestmark = pytest.mark.django_db


def split(conversation: Conversation, by: Membership, at: int, reason: str = "new_owner") -> str:
    """What the page says after it, toasts included."""
    address = f"/conversations/{conversation.pk}/split/?at={at}"
    answer = signed_in(by).post(address, {"reason": reason}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def newest(line: Line) -> Conversation:
    with in_center(line.center_id):
        found = Conversation.objects.select_related("client", "epoch__number").order_by("-created_at").first()
        assert found is not None
        return found


def pane(conversation: Conversation, by: Membership) -> str:
    answer = signed_in(by).get(f"/conversations/{conversation.pk}/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_what_came_since_moves_whole_under_a_key_of_its_own_and_leaves_a_line_at_each_place(
    line: Line, conversation: Conversation, reply: Reply, naomi: Membership
) -> None:
    answer = reply(naomi, "I am here for you")
    with in_center(line.center_id):
        Message.objects.filter(pk=answer.pk).update(status=Status.DELIVERED)
    text_in(line, "Stop texting my wife", MessageSid=sid(5), NumMedia="1", MediaUrl0="https://api.twilio.com/x")
    text_in(line, "Who are you?", MessageSid=sid(6))
    with in_center(line.center_id):
        picture = Attachment.objects.select_related("message").get()
        picture.content, picture.state = b"a picture of him", "stored"
        picture.save()
        at = Message.objects.get(twilio_sid=sid(5)).sequence

    asked = signed_in(naomi).get(f"/conversations/{conversation.pk}/split/?at={at}").content.decode()
    assert "Stop texting my wife" in asked
    assert "2 texts and calls move" in asked
    said = split(conversation, naomi, at)

    moved = newest(line)
    assert "Moved." in said
    assert moved.pk != conversation.pk
    with in_center(line.center_id):
        destroy_epoch_key(conversation.center_id, conversation.epoch_id)
        texts = list(moved.messages.order_by("sequence"))
        assert [(text.sequence, text.body) for text in texts] == [(1, "Stop texting my wife"), (2, "Who are you?")]
        assert {text.epoch for text in texts} == {moved.epoch_id}
        assert Attachment.objects.get().content == b"a picture of him", "it opens without the key it came under"
        conversation.refresh_from_db()
        left = list(conversation.events.filter(what=EventKind.TEXT_MOVED).values_list("sequence", flat=True))
        assert left == [at, at + 1]
        numbers = [*left, *conversation.messages.values_list("sequence", flat=True)]
        numbers += conversation.events.exclude(what=EventKind.TEXT_MOVED).values_list("sequence", flat=True)
        assert sorted(numbers) == list(range(1, conversation.sequence + 1)), "not one number is missing"
        assert NumberEpoch.objects.get(pk=conversation.epoch_id).end_reason == "new_owner"
        assert moved.assignee_id == conversation.assignee_id == naomi.staff_id
        entry = LogEntry.objects.filter(event=Event.CONVERSATION_SPLIT).first()
        assert entry is not None
        assert entry.facts == {
            "from": str(conversation.pk), "to": str(moved.pk), "count": 2, "reason": "new_owner"
        }  # fmt: skip


def test_no_word_of_either_stands_under_the_other_and_the_next_text_goes_to_the_new_one(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    text_in(line, "Leave us alone", MessageSid=sid(5))
    split(conversation, naomi, 2)
    moved = newest(line)
    text_in(line, "And now", MessageSid=sid(6))

    hers, his = pane(conversation, naomi), pane(moved, naomi)
    assert "I need to talk" in hers
    assert "Leave us alone" not in hers
    assert "A message that stood here is from somebody else" in hers
    assert "Leave us alone" in his
    assert "And now" in his
    assert "I need to talk" not in his
    assert "Who is writing?" in his
    assert f'id="who-{conversation.pk}"' in his, "she is among the choices, which is the way back"


def test_what_is_owed_goes_along_with_what_asks_for_it(
    line: Line, conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    text_in(line, "Who is this", MessageSid=sid(5))
    call(line, hook="call_status", CallStatus="no-answer", CallSid="CA" + "3" * 32)
    recorded(line, CallSid="CA" + "3" * 32)
    with in_center(line.center_id):
        recording = Recording.objects.get()
        recording.content, recording.content_type, recording.state = b"RIFF....WAVE his voice", "audio/wav", "stored"
        recording.save()

    split(conversation, naomi, 2)

    moved = newest(line)
    with in_center(line.center_id):
        conversation.refresh_from_db()
        moved.refresh_from_db()
        owed = FollowUp.objects.open().filter(conversation=moved).values_list("kind", flat=True)
        assert sorted(owed) == [FollowUpKind.MISSED_CALL, FollowUpKind.REPLY]
        kinds = FollowUp.objects.open().filter(conversation=conversation).values_list("kind", flat=True)
        assert list(kinds) == [FollowUpKind.REPLY], "she still waits for an answer to her own words"
        assert (conversation.last_words, moved.last_words) == ("I need to talk", "Who is this")
        assert (conversation.last_call, moved.last_call) == ("", "voicemail")
        assert conversation.waiting_since is not None
        assert moved.waiting_since is not None
        assert conversation.heard_at < moved.heard_at  # type: ignore[operator]
        assert Recording.objects.get().content == b"RIFF....WAVE his voice"
        assert Call.objects.get().conversation_id == moved.pk


def test_what_twilio_says_later_still_finds_what_moved(
    line: Line, conversation: Conversation, reply: Reply, naomi: Membership
) -> None:
    text_in(line, "Not her", MessageSid=sid(5))
    answer = reply(naomi, "Sorry")
    with in_center(line.center_id):
        Message.objects.filter(pk=answer.pk).update(status=Status.SENT, twilio_sid=sid(9))
    call(line, CallSid="CA" + "4" * 32)
    split(conversation, naomi, 2)
    moved = newest(line)

    assert status_of(line, answer.pk, "undelivered", sid(9), ErrorCode="30003").status_code == 204
    call(line, hook="call_status", CallStatus="no-answer", CallSid="CA" + "4" * 32)

    assert fresh(answer).status == Status.UNDELIVERED
    with in_center(line.center_id):
        moved.refresh_from_db()
        conversation.refresh_from_db()
        assert moved.failed_at is not None
        assert conversation.failed_at is None
        kinds = FollowUp.objects.open().filter(conversation=moved).values_list("kind", flat=True)
        assert {FollowUpKind.FAILED, FollowUpKind.MISSED_CALL} <= {*kinds}


def test_nothing_moves_while_a_reply_after_it_is_on_its_way_nor_from_an_entry_that_is_not_hers(
    line: Line, conversation: Conversation, reply: Reply, naomi: Membership
) -> None:
    answer = reply(naomi, "I am here")
    for status in (Status.QUEUED, Status.SENDING, Status.UNKNOWN):
        with in_center(line.center_id):
            Message.objects.filter(pk=answer.pk).update(status=status)
        assert "still on its way" in split(conversation, naomi, 1)
    for at in (answer.sequence, 99):
        assert signed_in(naomi).get(f"/conversations/{conversation.pk}/split/?at={at}").status_code == 404
    with in_center(line.center_id):
        conversation.refresh_from_db()
        assert conversation.ended_at is None
        assert Conversation.objects.count() == 1


def test_on_a_phone_that_several_people_use_each_exchange_ends_by_itself(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    text_in(line, "This is his brother", MessageSid=sid(5))
    split(conversation, naomi, 2, "shared")
    brother = newest(line)
    assert "Several people use this phone" in pane(brother, naomi)

    with time_machine.travel(timezone.now() + timedelta(hours=11)):
        text_in(line, "Still me", MessageSid=sid(6))
    assert newest(line).pk == brother.pk
    with time_machine.travel(timezone.now() + timedelta(hours=24)):
        text_in(line, "Hello again", MessageSid=sid(7))
        third = newest(line)
        assert third.pk != brother.pk
        assert "Who is writing?" in pane(third, naomi)
        signed_in(naomi).post(f"/conversations/{third.pk}/close/", {"outcome": "answered"})
        text_in(line, "One more thing", MessageSid=sid(8))
        fourth = newest(line)
        assert fourth.pk != third.pk, "a closed exchange is over at once"

        signed_in(naomi).post(f"/conversations/{fourth.pk}/not-shared/")
        signed_in(naomi).post(f"/conversations/{fourth.pk}/close/", {"outcome": "answered"})
        text_in(line, "And another", MessageSid=sid(10))
        assert newest(line).pk == fourth.pk, "the guard can fail: whoever has a phone alone goes on"
    with in_center(line.center_id):
        assert PhoneNumber.objects.get().shared_since is None
        assert LogEntry.objects.filter(event=Event.PHONE_SHARED).count() == 2


def test_a_file_that_was_being_fetched_while_its_text_moved_is_sealed_where_it_is(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    text_in(line, "See", MessageSid=sid(5), NumMedia="1", MediaUrl0="https://api.twilio.com/x")
    with in_center(line.center_id):
        coming = Attachment.objects.get()
    split(conversation, naomi, 2)

    attachments._store(coming, b"what came late")

    with in_center(line.center_id):
        late: Any = Attachment.objects.get()
        assert late.epoch == newest(line).epoch_id
        assert late.content == b"what came late"
    work_after(1)
