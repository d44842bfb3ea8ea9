"""A person answers. Through the action; the page's side of it is in test_inbox."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings

from accounts.models import Membership
from audit.context import Actor, acting
from audit.events import Event
from audit.models import LogEntry
from jobs.models import Job
from messaging.actions.closing import close
from messaging.actions.notes import write_note
from messaging.actions.replies import (
    ConversationClosed,
    NotTextable,
    OptedOut,
    SomebodyAnswered,
    undo_reply,
    write_reply,
)
from messaging.actions.work import Work
from messaging.models import (
    Conversation,
    EventKind,
    FollowUp,
    FollowUpKind,
    FollowUpOutcome,
    Line,
    Message,
    Outcome,
    Status,
    ThreadEvent,
)
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, text_in
from tests.messaging.conftest import Reply

pytestmark = pytest.mark.django_db

Write = Callable[..., Message]


@pytest.fixture
def write(conversation: Conversation) -> Write:
    def go(by: Membership, seen: int, body: str = "I am here", key: UUID | None = None) -> Message:
        with acting(Actor.staff(by.staff_id)), in_center(conversation.center_id):
            return write_reply(conversation, by=by, body=body, last_sequence=seen, client_key=key or uuid7())

    return go


def now(conversation: Conversation) -> Conversation:
    with in_center(conversation.center_id):
        return Conversation.objects.get(pk=conversation.pk)


def test_a_reply_waits_for_the_time_in_which_it_can_be_undone(write: Write, naomi: Membership) -> None:
    message = write(naomi, 1)
    assert message.status == Status.QUEUED
    assert message.send_after is not None
    wait = message.send_after - message.created_at
    assert abs(wait - timedelta(seconds=settings.UNDO_SECONDS)) < timedelta(seconds=1)
    with in_center(message.center_id):
        job = Job.objects.get(kind=Work.DELIVER)
        assert (job.subject_id, job.run_at) == (message.pk, message.send_after)


def test_a_reply_answers_her_and_settles_what_was_owed(
    write: Write, conversation: Conversation, naomi: Membership
) -> None:
    write(naomi, 1, "I am here")
    row = now(conversation)
    assert row.waiting_since is None
    assert row.answered_at is not None
    assert row.last_words == "I am here"
    with in_center(row.center_id):
        owed = FollowUp.objects.get()
        assert (owed.outcome, owed.settled_by_id) == (FollowUpOutcome.ANSWERED, naomi.staff_id)
        entry = LogEntry.objects.get(event=Event.MESSAGE_WRITTEN)
        assert entry.actor_id == naomi.staff_id


def test_who_answers_what_nobody_holds_holds_it(write: Write, conversation: Conversation, naomi: Membership) -> None:
    write(naomi, 1)
    assert now(conversation).assignee_id == naomi.staff_id
    with in_center(conversation.center_id):
        assert ThreadEvent.objects.get().what == EventKind.TAKEN


def test_an_answer_to_what_a_colleague_holds_leaves_it_hers(
    write: Write, conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    write(naomi, 1)
    write(ruth, now(conversation).sequence)
    assert now(conversation).assignee_id == naomi.staff_id


def test_the_same_key_writes_one_reply(write: Write, naomi: Membership) -> None:
    key = uuid7()
    first, second = write(naomi, 1, key=key), write(naomi, 1, key=key)
    assert first.pk == second.pk
    with in_center(first.center_id):
        assert Message.objects.filter(direction="out").count() == 1
        assert Job.objects.filter(kind=Work.DELIVER).count() == 1


def test_a_colleagues_answer_that_came_meanwhile_stops_a_second_one(
    write: Write, naomi: Membership, ruth: Membership
) -> None:
    write(naomi, 1)
    with pytest.raises(SomebodyAnswered):
        write(ruth, 1)


def test_her_own_words_that_came_meanwhile_stop_an_answer(write: Write, line: Line, naomi: Membership) -> None:
    text_in(line, "Never mind", MessageSid=sid(2))
    with pytest.raises(SomebodyAnswered):
        write(naomi, 1)


def test_what_is_no_word_to_her_stops_nobody(
    write: Write, conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    with in_center(conversation.center_id):
        write_note(conversation, by=ruth, body="She called before", client_key=uuid7())
    assert write(naomi, 1).status == Status.QUEUED


def test_ones_own_reply_since_stops_nobody(write: Write, naomi: Membership) -> None:
    write(naomi, 1)
    assert write(naomi, 1, "And one more thing").status == Status.QUEUED


def test_an_undone_answer_of_a_colleague_stops_nobody(write: Write, naomi: Membership, ruth: Membership) -> None:
    message = write(naomi, 1)
    with in_center(message.center_id):
        undo_reply(message, by=naomi)
    assert write(ruth, 1).status == Status.QUEUED


def test_nothing_is_written_to_who_asked_to_stop(write: Write, line: Line, naomi: Membership) -> None:
    text_in(line, "STOP", MessageSid=sid(2))
    with pytest.raises(OptedOut):
        write(naomi, 3)
    with in_center(line.center_id):
        assert not Message.objects.filter(direction="out").exists()


def test_nothing_is_written_to_who_cannot_be_texted(line: Line, naomi: Membership) -> None:
    text_in(line, From="72345")
    with in_center(line.center_id), pytest.raises(NotTextable):
        write_reply(Conversation.objects.get(), by=naomi, body="Hi", last_sequence=1, client_key=uuid7())


def test_nothing_is_written_in_a_closed_conversation(
    write: Write, conversation: Conversation, naomi: Membership
) -> None:
    with in_center(conversation.center_id):
        close(conversation, outcome=Outcome.ANSWERED, by=naomi)
    with pytest.raises(ConversationClosed):
        write(naomi, 5)


def test_undoing_gives_the_words_back_and_lets_her_wait_as_before(
    conversation: Conversation, reply: Reply, naomi: Membership
) -> None:
    with in_center(conversation.center_id):
        due = FollowUp.objects.get().due_at
    message = reply(naomi, "Too soon")
    with in_center(conversation.center_id):
        assert undo_reply(message, by=naomi) == "Too soon"

    row = now(conversation)
    assert row.waiting_since is not None
    assert row.answered_at is None
    assert row.last_words == "I need to talk"
    with in_center(row.center_id):
        assert row.waiting_since == Message.objects.get(direction="in").created_at
        owed = FollowUp.objects.get()
        assert (owed.due_at, owed.settled_at, owed.outcome, owed.settled_by) == (due, None, "", None)


def test_undoing_the_second_of_two_replies_leaves_her_answered(
    conversation: Conversation, reply: Reply, naomi: Membership
) -> None:
    reply(naomi, "first")
    second = reply(naomi, "second")
    with in_center(conversation.center_id):
        undo_reply(second, by=naomi)
    row = now(conversation)
    assert row.waiting_since is None
    assert row.answered_at is not None
    assert row.last_words == "first"


def test_undoing_after_she_wrote_again_owes_one_answer(
    conversation: Conversation, line: Line, reply: Reply, naomi: Membership
) -> None:
    message = reply(naomi)
    text_in(line, "Hello?", MessageSid=sid(2))
    with in_center(conversation.center_id):
        undo_reply(message, by=naomi)
        assert FollowUp.objects.open().filter(kind=FollowUpKind.REPLY).count() == 1
        first = Message.objects.order_by("sequence").first()
        assert first is not None
        assert Conversation.objects.get().waiting_since == first.created_at


@pytest.mark.parametrize("status", [Status.SENDING, Status.UNKNOWN, Status.ACCEPTED, Status.FAILED, Status.UNDONE])
def test_what_has_left_cannot_be_undone(reply: Reply, naomi: Membership, status: Status) -> None:
    message = reply(naomi)
    with in_center(message.center_id):
        Message.objects.filter(pk=message.pk).update(status=status)
        assert undo_reply(message, by=naomi) is None
        assert Message.objects.get(pk=message.pk).status == status
