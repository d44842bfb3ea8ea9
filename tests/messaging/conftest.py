from collections.abc import Iterator

import pytest

from messaging.actions import refusals
from messaging.models import Conversation, Line, Message
from messaging.twilio import forget_doors
from tenancy.scope import in_center
from tests.doors import text_in


@pytest.fixture(autouse=True)
def _nothing_held_in_memory() -> Iterator[None]:
    """What a process remembers between requests is forgotten between tests."""
    forget_doors()
    refusals.forget()
    yield


@pytest.fixture
def conversation(line: Line) -> Conversation:
    """She has written once, and waits."""
    assert text_in(line, "I need to talk").status_code == 200
    with in_center(line.center_id):
        return Conversation.objects.select_related("epoch__number").get()


@pytest.fixture
def first_text(conversation: Conversation) -> Message:
    with in_center(conversation.center_id):
        return conversation.messages.get()
