from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Membership
from config import modes
from jobs.runner import run_due
from messaging.actions import refusals
from messaging.actions.replies import write_reply
from messaging.models import Conversation, Line, Message
from messaging.twilio import forget_doors
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import text_in
from tests.twin_process import TwinProcess, running_twin


@pytest.fixture(autouse=True)
def _nothing_held_in_memory() -> None:
    """What a process remembers between requests is forgotten between tests."""
    forget_doors()
    refusals.forget()
    modes.forget()


@pytest.fixture(scope="session")
def twin_process() -> Iterator[TwinProcess]:
    with running_twin() as twin:
        yield twin


@pytest.fixture
def twin(twin_process: TwinProcess, settings: Settings) -> TwinProcess:
    """Twilio's double, with nothing sent and nothing wrong."""
    settings.TWILIO_API_BASE_URL = twin_process.address
    twin_process.begin_anew()
    return twin_process


@pytest.fixture
def conversation(line: Line) -> Conversation:
    """She has written once, and waits."""
    assert text_in(line, "I need to talk").status_code == 200
    with in_center(line.center_id):
        return Conversation.objects.select_related("epoch__number", "client").get()


Reply = Callable[..., Message]


@pytest.fixture
def reply(conversation: Conversation) -> Reply:
    """Write a reply as somebody who has seen everything."""

    def write(by: Membership, body: str = "I am here") -> Message:
        with in_center(conversation.center_id):
            conversation.refresh_from_db()
            return write_reply(
                conversation,
                by=by,
                body=body,
                last_sequence=conversation.sequence,
                client_key=uuid7(),
            )

    return write


def work_after(seconds: float) -> int:
    """Do all the work that is due so many seconds from now, and what it makes due by then."""
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        return run_due(limit=200)


def fresh(message: Message) -> Message:
    """A message as the database has it now."""
    with in_center(message.center_id):
        return Message.objects.get(pk=message.pk)
