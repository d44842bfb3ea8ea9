"""One row that cannot be opened marks itself and leaves the page whole (ENC-05)."""

import pytest
from django.db import connection

from accounts.models import Membership
from messaging.models import Conversation, Line
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db


def test_an_altered_message_says_so_and_the_others_are_shown(line: Line, ruth: Membership) -> None:
    text_in(line, "the altered one", MessageSid=sid(1))
    text_in(line, "the sound one", MessageSid=sid(2))
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE messaging_message SET body = set_byte(body, 70, 7) WHERE sequence = 1")
    page = signed_in(ruth).get(f"/conversations/{conversation.pk}/").content.decode()
    assert "This cannot be shown." in page
    assert "the sound one" in page
    assert "the altered one" not in page


def test_altered_last_words_leave_the_list_whole(line: Line, ruth: Membership) -> None:
    text_in(line, "some words", MessageSid=sid(1))
    with in_center(line.center_id), connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_conversation SET last_words = set_byte(last_words, 70, 7)")
    page = signed_in(ruth).get("/")
    assert page.status_code == 200
    assert "This cannot be shown." in page.content.decode()
