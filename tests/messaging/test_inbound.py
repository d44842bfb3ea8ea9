import pytest

from messaging.models import Conversation, FollowUp, Line, Message
from tenancy.scope import in_center
from tests.doors import SID, sid, text_in

pytestmark = pytest.mark.django_db


def test_a_text_becomes_a_sealed_message_that_waits_for_an_answer(line: Line) -> None:
    response = text_in(line, "I need to talk")

    assert response.status_code == 200
    assert response.content == b"<Response/>"
    with in_center(line.center_id):
        message = Message.objects.get(twilio_sid=SID)
        assert message.body == "I need to talk"
        conversation = Conversation.objects.get()
        assert (conversation.sequence, message.sequence) == (1, 1)
        assert conversation.waiting_since is not None
        assert FollowUp.objects.open().get().kind == "reply"


def test_a_repeated_webhook_writes_nothing(line: Line) -> None:
    text_in(line)
    again = text_in(line)

    assert again.status_code == 200
    with in_center(line.center_id):
        assert Message.objects.count() == 1
        assert Conversation.objects.get().sequence == 1


def test_two_texts_of_one_number_stand_in_one_conversation_in_their_order(line: Line) -> None:
    text_in(line, "first", MessageSid=sid(1))
    text_in(line, "second", MessageSid=sid(2))

    with in_center(line.center_id):
        bodies = [message.body for message in Message.objects.order_by("sequence")]
        assert bodies == ["first", "second"]
        assert Conversation.objects.count() == 1
