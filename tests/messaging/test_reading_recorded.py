"""Whatever shows words or names of a client says so in the log: not only the page that people use."""

import pytest

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.models import Conversation, Line
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import signed_in
from tests.messaging.conftest import Reply

pytestmark = pytest.mark.django_db


def _readings(line: Line, event: Event) -> int:
    with in_center(line.center_id):
        return LogEntry.objects.filter(event=event).count()


def test_older_words_are_not_read_unseen(line: Line, conversation: Conversation, naomi: Membership) -> None:
    page = signed_in(naomi).get(f"/conversations/{conversation.pk}/older/?before=10")
    assert "I need to talk" in page.content.decode()
    assert _readings(line, Event.CONVERSATION_OPENED) == 1


def test_a_reply_that_is_held_back_shows_nothing_unseen(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    posted = {"body": "Hello", "last_sequence": 0, "key": str(uuid7())}
    answer = signed_in(naomi).post(f"/conversations/{conversation.pk}/replies/", posted)
    assert (answer.status_code, "I need to talk" in answer.content.decode()) == (409, True)
    assert _readings(line, Event.CONVERSATION_OPENED) == 1


def test_the_list_of_what_is_owed_is_a_list_that_was_read(line: Line, reply: Reply, naomi: Membership) -> None:
    signed_in(naomi).get("/follow-ups/")
    assert _readings(line, Event.LIST_READ) == 1
