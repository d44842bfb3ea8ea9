"""The oracle is shown to see what it must see: an oracle that cannot say no proves nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Membership
from audit.models import LogEntry
from messaging.models import Conversation, Line, Message, Status
from simulate import oracle
from tenancy.scope import in_center
from tests.doors import SID
from tests.messaging.conftest import Reply, conversation, reply  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(line: Line, conversation: Conversation) -> Iterator[None]:  # noqa: F811  # the fixture above
    with in_center(line.center_id):
        yield


def heard(sid: str = SID, body: str = "I need to talk") -> dict[str, Any]:
    return {"messages": [{"sid": sid, "body": body, "direction": "inbound"}], "acknowledged": {}, "unsure": {}}


def rows() -> list[Message]:
    return list(Message.objects.all())


def test_what_is_right_is_called_right(here: None) -> None:
    assert list(oracle._received(rows(), heard())) == []
    assert list(oracle._recorded(rows())) == []


def test_a_lost_text_is_seen(here: None) -> None:
    assert list(oracle._received([], heard())) == [f"I1: lost {SID}"]


def test_other_words_are_seen(here: None) -> None:
    assert list(oracle._received(rows(), heard(body="Something else"))) == [f"I1: other words in {SID}"]


def test_a_text_that_is_here_twice_is_seen(here: None) -> None:
    assert list(oracle._received([*rows(), *rows()], heard())) == [f"I1: 2 times {SID}"]


def test_a_text_without_its_entry_is_seen(here: None) -> None:
    (row,) = rows()
    row.pk = row.conversation_id
    assert list(oracle._recorded([row])) == [f"I4: 0 entries of {row.pk}"]
    assert LogEntry.objects.exists()


def outbound(body: str, times: int) -> dict[str, Any]:
    return {**heard(), "messages": [{"sid": "x", "body": body, "direction": "outbound-api"}] * times}


def test_a_text_that_was_sent_twice_is_seen(here: None, reply: Reply, naomi: Membership) -> None:  # noqa: F811
    message = reply(naomi, "Once")
    assert list(oracle._sent(rows(), outbound("Once", 1))) == []
    assert list(oracle._sent(rows(), outbound("Once", 2))) == [f"I2: sent 2 times: {message.pk}"]


def test_a_reply_that_was_acknowledged_and_is_not_here_is_seen(here: None) -> None:
    told = {**heard(), "acknowledged": {"some-key": "words"}}
    assert list(oracle._sent(rows(), told)) == ["I2: a reply was lost: some-key"]


def test_a_text_that_never_left_is_seen(here: None, reply: Reply, naomi: Membership) -> None:  # noqa: F811
    message = reply(naomi, "Waiting")
    assert list(oracle._settled(rows())) == [f"I3: still queued: {message.pk}"]


def test_a_doubt_that_nobody_is_asked_about_is_seen(here: None, reply: Reply, naomi: Membership) -> None:  # noqa: F811
    message = reply(naomi, "Perhaps")
    old = timezone.now() - 2 * oracle.YOUNG
    Message.objects.filter(pk=message.pk).update(status=Status.UNKNOWN, created_at=old)
    assert list(oracle._settled(rows())) == [f"I3: in doubt, and nobody is asked: {message.pk}"]
