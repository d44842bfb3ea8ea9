"""Her stop, through the webhook. The words themselves are in test_opt_out_words."""

import pytest

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.closing import close
from messaging.models import (
    Conversation,
    EventKind,
    FollowUp,
    FollowUpKind,
    FollowUpOutcome,
    Line,
    Message,
    OptOut,
    OptOutSource,
    Outcome,
    ThreadEvent,
)
from tenancy.scope import in_center
from tests.doors import sid, text_in

pytestmark = pytest.mark.django_db


def is_opted_out(line: Line) -> bool:
    with in_center(line.center_id):
        return OptOut.objects.filter(lifted_at=None).exists()


def thread(line: Line) -> list[tuple[int, str]]:
    with in_center(line.center_id):
        events = [(event.sequence, event.what) for event in ThreadEvent.objects.all()]
        messages = [(message.sequence, message.body) for message in Message.objects.all()]
        return sorted(events + messages)


def test_stop_is_kept_as_a_text_and_stands_in_the_thread(line: Line) -> None:
    text_in(line, "Stop.")

    assert is_opted_out(line)
    assert thread(line) == [(1, "Stop."), (2, EventKind.OPTED_OUT)]
    with in_center(line.center_id):
        assert OptOut.objects.get().source == OptOutSource.WORD
        assert LogEntry.objects.filter(event=Event.OPTED_OUT).count() == 1
        assert Conversation.objects.get().sequence == 2


def test_stop_owes_no_answer_and_ends_what_was_owed_by_text(line: Line, conversation: Conversation) -> None:
    text_in(line, "STOP", MessageSid=sid(2))
    with in_center(line.center_id):
        assert Conversation.objects.get().waiting_since is None
        assert FollowUp.objects.get().outcome == FollowUpOutcome.NOT_NEEDED


def test_stop_twice_is_one_opt_out(line: Line) -> None:
    text_in(line, "STOP", MessageSid=sid(1))
    text_in(line, "STOP", MessageSid=sid(2))
    assert thread(line) == [(1, "STOP"), (2, EventKind.OPTED_OUT), (3, "STOP")]


def test_stop_does_not_open_a_closed_conversation(line: Line, conversation: Conversation, naomi: Membership) -> None:
    with in_center(line.center_id):
        close(conversation, outcome=Outcome.ANSWERED, by=naomi)
    text_in(line, "STOP", MessageSid=sid(2))
    with in_center(line.center_id):
        assert not Conversation.objects.get().is_open


@pytest.mark.parametrize("word", ["START", "unstop", "Yes", "comenzar"])
def test_start_lifts_it_and_somebody_writes_again(line: Line, word: str) -> None:
    text_in(line, "STOP", MessageSid=sid(1))
    text_in(line, word, MessageSid=sid(2))

    assert not is_opted_out(line)
    assert thread(line)[2:] == [(3, word), (4, EventKind.OPTED_IN)]
    with in_center(line.center_id):
        assert Conversation.objects.get().waiting_since is not None
        assert FollowUp.objects.open().get().kind == FollowUpKind.REPLY


@pytest.mark.parametrize("word", ["START", "yes"])
def test_start_without_a_stop_is_a_text_like_any_other(line: Line, word: str) -> None:
    text_in(line, word)
    assert thread(line) == [(1, word)]
    with in_center(line.center_id):
        assert FollowUp.objects.open().get().kind == FollowUpKind.REPLY


def test_she_may_stop_and_start_and_stop_again(line: Line) -> None:
    for number, word in enumerate(["STOP", "START", "STOP"]):
        text_in(line, word, MessageSid=sid(number))
    assert is_opted_out(line)
    with in_center(line.center_id):
        assert OptOut.objects.count() == 2


@pytest.mark.parametrize(("told", "expected"), [("STOP", True), ("HELP", False), ("START", False)])
def test_what_twilio_says_of_a_text_is_believed(line: Line, told: str, expected: bool) -> None:
    text_in(line, "adios", OptOutType=told)
    assert is_opted_out(line) is expected


def test_help_is_on_the_record_and_still_owed_a_person(line: Line) -> None:
    text_in(line, "HELP")
    with in_center(line.center_id):
        assert LogEntry.objects.filter(event=Event.HELP_ASKED).exists()
        assert FollowUp.objects.open().get().kind == FollowUpKind.REPLY


def test_a_sentence_that_may_mean_stop_asks_a_person_now(line: Line) -> None:
    text_in(line, "please stop texting me", MessageSid=sid(1))
    text_in(line, "I said stop texting me", MessageSid=sid(2))

    assert not is_opted_out(line)
    with in_center(line.center_id):
        asked = FollowUp.objects.open().get(kind=FollowUpKind.ASKED_TO_STOP)
        assert asked.due_at <= asked.opened_at
        assert FollowUp.objects.open().filter(kind=FollowUpKind.REPLY).exists()


def test_stop_by_at_three_is_a_question(line: Line) -> None:
    text_in(line, "Stop by at 3?")
    assert not is_opted_out(line)
    with in_center(line.center_id):
        assert FollowUp.objects.open().get().kind == FollowUpKind.REPLY


def test_a_repeated_stop_webhook_writes_nothing(line: Line) -> None:
    text_in(line, "STOP")
    text_in(line, "STOP")
    assert thread(line) == [(1, "STOP"), (2, EventKind.OPTED_OUT)]
