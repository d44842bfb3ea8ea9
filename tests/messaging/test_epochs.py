"""What ends the time in which a number reaches a client, and what an ended one refuses: through the doors."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from jobs.runner import run_due
from messaging.actions.closing import close
from messaging.actions.epochs import MarkedWrong, NumberTaken, begin_again, mark_ended, revive
from messaging.actions.later import keep_for_later
from messaging.actions.replies import NumberEnded, write_reply
from messaging.actions.silence import end_silent_epochs
from messaging.models import (
    Conversation,
    EpochEnd,
    EventKind,
    FollowUp,
    FollowUpKind,
    LaterText,
    Line,
    Message,
    NumberEpoch,
    Outcome,
    PhoneNumber,
    Status,
    ThreadEvent,
)
from messaging.models.failure import NUMBER_ENDED
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, status_of, text_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.messaging.test_calls import call, verbs
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db


def end(conversation: Conversation, by: Membership, reason: EpochEnd = EpochEnd.WRONG_NUMBER) -> None:
    with in_center(conversation.center_id):
        assert mark_ended(conversation, reason, by=by)


def events(conversation: Conversation) -> list[str]:
    with in_center(conversation.center_id):
        found = ThreadEvent.objects.filter(conversation=conversation).order_by("sequence")
        return list(found.values_list("what", flat=True))


def write(conversation: Conversation, by: Membership, body: str = "I am here") -> Message:
    with in_center(conversation.center_id):
        conversation.refresh_from_db()
        seen = conversation.sequence
        return write_reply(conversation, by=by, body=body, last_sequence=seen, client_key=uuid7())


def test_an_ending_is_said_in_the_thread_and_on_the_record_and_comes_once(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    end(conversation, naomi)
    with in_center(line.center_id):
        assert not mark_ended(conversation, EpochEnd.NEW_OWNER, by=naomi)
        epoch = NumberEpoch.objects.get()
        assert (epoch.end_reason, epoch.ended_by_id) == (EpochEnd.WRONG_NUMBER, naomi.staff_id)
        assert epoch.ended_at == Conversation.objects.get().ended_at
        assert LogEntry.objects.filter(event=Event.NUMBER_EPOCH_ENDED).count() == 1
    assert events(conversation) == [EventKind.MARKED_WRONG]


def test_whoever_writes_from_the_number_afterwards_begins_an_empty_conversation(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    end(conversation, naomi)
    text_in(line, "Who is this?", MessageSid=sid(2))
    text_in(line, "Hello?", MessageSid=sid(3))
    with in_center(line.center_id):
        old, new = Conversation.objects.order_by("created_at")
        assert old.client_id != new.client_id
        assert old.epoch.number_id == new.epoch.number_id
        assert [message.body for message in new.messages.order_by("sequence")] == ["Who is this?", "Hello?"]
        assert old.messages.get().body == "I need to talk"


def test_what_waits_to_leave_stays_here_with_plain_words(
    line: Line, twin: TwinProcess, conversation: Conversation, reply: Reply, naomi: Membership
) -> None:
    said = reply(naomi)
    with in_center(line.center_id):
        conversation.refresh_from_db()
        keep_for_later(
            conversation,
            by=naomi,
            body="Are you well?",
            leaves_at=_noon(conversation, days=1),
            last_sequence=conversation.sequence,
            client_key=uuid7(),
        )
    end(conversation, naomi)

    kept = fresh(said)
    assert (kept.status, kept.error_code) == (Status.FAILED, NUMBER_ENDED)
    assert kept.failure and "no longer reached her" in str(kept.failure.words)
    with in_center(line.center_id):
        later = LaterText.objects.get()
        assert later.held_because == "number_ended"
    assert events(conversation)[-2:] == [EventKind.MARKED_WRONG, EventKind.LATER_HELD]
    work_after(3 * 86400)
    assert twin.texts == []


def _noon(conversation: Conversation, *, days: int) -> datetime:
    here = timezone.now().astimezone(conversation.center.zone) + timedelta(days=days)
    return here.replace(hour=12, minute=0, second=0, microsecond=0)


def test_a_text_that_the_network_was_too_busy_for_does_not_leave_after_an_ending(
    line: Line, twin: TwinProcess, conversation: Conversation, reply: Reply, naomi: Membership
) -> None:
    said = reply(naomi)
    with in_center(line.center_id):
        Message.objects.filter(pk=said.pk).update(status=Status.SENDING)
    end(conversation, naomi)
    with in_center(line.center_id):
        Message.objects.filter(pk=said.pk).update(status=Status.QUEUED)  # as after "busy", which takes no lock
    work_after(60)
    assert (fresh(said).status, fresh(said).error_code) == (Status.FAILED, NUMBER_ENDED)
    assert twin.texts == []


def test_a_reply_is_refused_after_an_ending(conversation: Conversation, naomi: Membership) -> None:
    end(conversation, naomi)
    with pytest.raises(NumberEnded):
        write(conversation, naomi)


def test_an_ending_by_mistake_is_taken_back(line: Line, conversation: Conversation, naomi: Membership) -> None:
    end(conversation, naomi)
    with in_center(line.center_id):
        revive(conversation, by=naomi)
        revive(conversation, by=naomi)
        assert LogEntry.objects.filter(event=Event.NUMBER_EPOCH_REVIVED).count() == 1
    assert events(conversation) == [EventKind.MARKED_WRONG, EventKind.REVIVED]
    write(conversation, naomi)
    text_in(line, "It is me", MessageSid=sid(2))
    with in_center(line.center_id):
        assert Conversation.objects.count() == 1


def test_it_is_not_taken_back_when_somebody_has_written_since(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    end(conversation, naomi)
    text_in(line, "Who is this?", MessageSid=sid(2))
    with in_center(line.center_id):
        with pytest.raises(NumberTaken) as taken:
            revive(conversation, by=naomi)
        with pytest.raises(NumberTaken):
            begin_again(conversation, by=naomi)
        assert taken.value.conversation != conversation
        assert Conversation.objects.get(pk=conversation.pk).ended_at is not None


def test_she_can_be_written_to_first_in_a_conversation_of_her_own(
    line: Line, twin: TwinProcess, conversation: Conversation, naomi: Membership
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        end(conversation, naomi, EpochEnd.SILENCE)
        with in_center(line.center_id):
            new = begin_again(conversation, by=naomi)
            assert begin_again(conversation, by=naomi) == new
            assert (new.client_id, new.assignee_id, new.heard_at) == (conversation.client_id, naomi.staff_id, None)
            assert new.epoch_id != conversation.epoch_id
        assert events(new) == [EventKind.BEGUN_AGAIN]
        text_in(line, "Yes, it is me", MessageSid=sid(2))
        with in_center(line.center_id):
            assert new.messages.get().body == "Yes, it is me"
            assert Conversation.objects.get(pk=new.pk).heard_at is not None


def test_a_wrong_number_is_not_written_to_again(line: Line, conversation: Conversation, naomi: Membership) -> None:
    end(conversation, naomi, EpochEnd.NEW_OWNER)
    with in_center(line.center_id), pytest.raises(MarkedWrong):
        begin_again(conversation, by=naomi)


@pytest.mark.parametrize(("days", "conversations"), [(89, 1), (91, 2)])
def test_after_ninety_days_of_silence_whoever_writes_is_a_stranger(
    line: Line, conversation: Conversation, naomi: Membership, days: int, conversations: int
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        text_in(line, "Hello?", MessageSid=sid(2))
        text_in(line, "Hello?", MessageSid=sid(2))
    with in_center(line.center_id):
        assert Conversation.objects.count() == conversations
        assert Message.objects.count() == 2
        assert Conversation.objects.get(pk=conversation.pk).messages.count() == 3 - conversations
    assert events(conversation) == [EventKind.SILENT] * (conversations - 1)


def test_her_wrong_number_ends_it_and_stays_for_a_person_to_see_with_no_answer_by_itself(
    line: Line, twin: TwinProcess
) -> None:
    text_in(line, "Sorry, you have the wrong number")
    work_after(60)
    assert twin.texts == []
    with in_center(line.center_id):
        row = Conversation.objects.get()
        epoch = row.epoch
        assert (epoch.end_reason, epoch.ended_by) == (EpochEnd.WRONG_NUMBER, None)
        assert row.waiting_since is not None
        assert FollowUp.objects.open().get().kind == FollowUpKind.REPLY
        assert row.messages.get().body == "Sorry, you have the wrong number"
    assert events(row) == [EventKind.SAID_WRONG]


def test_a_question_about_the_number_is_answered_like_any_other_text(line: Line, twin: TwinProcess) -> None:
    text_in(line, "Is this the wrong number?")
    work_after(60)
    assert len(twin.texts) == 1
    with in_center(line.center_id):
        assert Conversation.objects.get().ended_at is None


def test_silence_ends_it_by_the_clock_too_so_that_nothing_is_sent_meanwhile(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    text_in(line, "Hello", From="+16145550102", MessageSid=sid(2))
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        text_in(line, "I am still here", From="+16145550102", MessageSid=sid(3))
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        end_silent_epochs()
        end_silent_epochs()
        with in_center(line.center_id):
            assert [row.pk for row in Conversation.objects.exclude(ended_at=None)] == [conversation.pk]
        assert events(conversation) == [EventKind.SILENT]
        with pytest.raises(NumberEnded):
            write(conversation, naomi)


def first_language(response: Any) -> str | None:
    return verbs(response)[0].get("language")


def test_a_call_after_ninety_days_of_silence_is_a_strangers_and_greeted_in_the_centers_language(line: Line) -> None:
    text_in(line, "Hola, necesito hablar con alguien por favor")
    assert first_language(call(line)) == "es-MX", "or this proves nothing"
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert first_language(call(line, CallSid="CA" + "7" * 32)) == "en-US"
        with in_center(line.center_id):
            old, new = Conversation.objects.order_by("created_at")
            assert (old.ended_at is None, new.ended_at is None, new.heard_at is None) == (False, True, False)
            assert new.client.language == line.center.language


def failing(line: Line, conversation: Conversation, naomi: Membership, codes: list[int], days: float) -> None:
    """Texts of naomi's that fail one after the other, so many days apart."""
    for number, code in enumerate(codes):
        with time_machine.travel(timezone.now() + timedelta(days=number * days)):
            said = write(conversation, naomi, f"text {number}")
            status_of(line, said.pk, "undelivered", sid(500 + number), ErrorCode=str(code))


@pytest.mark.parametrize(
    ("codes", "days", "ends"),
    [
        ([30003, 30005, 30003], 1.6, True),
        ([30003, 30005], 4, False),  # too few
        ([30003, 30003, 30003], 1.2, False),  # within too few days
        ([30003, 30007, 30003], 1.6, False),  # a filter says nothing of the phone
    ],
)
def test_the_carriers_end_it_by_three_texts_in_a_row_that_find_no_phone_for_days(
    line: Line, conversation: Conversation, naomi: Membership, codes: list[int], days: float, *, ends: bool
) -> None:
    failing(line, conversation, naomi, codes, days)
    assert (EventKind.NO_PHONE in events(conversation)) is ends
    with in_center(line.center_id):
        assert (NumberEpoch.objects.get().end_reason == EpochEnd.CARRIER) is ends


def test_a_client_who_was_heard_in_between_has_a_phone(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    failing(line, conversation, naomi, [30003, 30003], 1.6)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        text_in(line, "My phone was off", MessageSid=sid(2))
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        said = write(conversation, naomi)
        status_of(line, said.pk, "undelivered", sid(900), ErrorCode="30003")
    assert EventKind.NO_PHONE not in events(conversation)


def test_a_later_text_kept_while_she_was_near_is_looked_at_again_when_she_has_been_silent_since(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=40)), in_center(line.center_id):
        conversation.refresh_from_db()
        keep_for_later(
            conversation,
            by=naomi,
            body="Are you well?",
            leaves_at=(moment := _noon(conversation, days=10)),
            last_sequence=conversation.sequence,
            client_key=uuid7(),
        )
    with time_machine.travel(moment + timedelta(seconds=5)):
        run_due(limit=200)
    with in_center(line.center_id):
        later = LaterText.objects.get()
        assert (later.held_because, later.message_id) == ("unsure", None)


def test_on_a_phone_that_several_people_use_the_last_reply_leaves_although_it_is_closed_at_once(
    line: Line, twin: TwinProcess, conversation: Conversation, reply: Reply, naomi: Membership
) -> None:
    with in_center(line.center_id):
        PhoneNumber.objects.update(shared_since=timezone.now())
    said = reply(naomi, "See you at four")
    with in_center(line.center_id):
        close(conversation, outcome=Outcome.ANSWERED, by=naomi)
    work_after(60)
    assert "See you at four" in [text["body"] for text in twin.texts]
    assert fresh(said).status != Status.FAILED
    text_in(line, "It is her sister", MessageSid=sid(2))
    with in_center(line.center_id):
        assert [row.messages.filter(direction="in").count() for row in Conversation.objects.order_by("pk")] == [1, 1]
