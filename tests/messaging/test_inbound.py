from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Center, Membership
from audit.events import Event
from audit.models import LogEntry
from jobs.models import Job
from messaging.actions.closing import close
from messaging.actions.lines import add_line
from messaging.actions.work import Work
from messaging.models import (
    Client,
    Conversation,
    FollowUp,
    FollowUpKind,
    Line,
    Message,
    NumberEpoch,
    Outcome,
    PhoneNumber,
)
from tenancy.scope import in_center
from tests.cast import ACCOUNT, TOKEN
from tests.doors import SID, sid, text_in
from tests.messaging.conftest import Reply

pytestmark = pytest.mark.django_db

OTHER_LINE = "+16145550188"


def test_a_text_becomes_a_sealed_message_that_waits_for_an_answer(line: Line) -> None:
    response = text_in(line, "I need to talk")

    assert response.status_code == 200
    assert response.content == b"<Response/>"
    with in_center(line.center_id):
        message = Message.objects.get(twilio_sid=SID)
        assert message.body == "I need to talk"
        conversation = Conversation.objects.get()
        assert (conversation.sequence, message.sequence) == (1, 1)
        assert conversation.last_words == "I need to talk"
        assert conversation.waiting_since is not None
        assert FollowUp.objects.open().get().kind == FollowUpKind.REPLY


def test_a_repeated_webhook_writes_nothing(line: Line) -> None:
    def written() -> list[int]:
        with in_center(line.center_id):
            kinds = [Message, Conversation, Client, PhoneNumber, NumberEpoch, FollowUp, Job, LogEntry]
            return [kind._default_manager.count() for kind in kinds]

    text_in(line)
    before = written()
    assert text_in(line).content == b"<Response/>"

    assert written() == before
    with in_center(line.center_id):
        assert Conversation.objects.get().sequence == 1


def test_a_repeat_rings_no_bell(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[Any] = []
    monkeypatch.setattr("messaging.actions.inbound.ring", lambda row, **how: rung.append(row))
    text_in(line)
    text_in(line)
    assert len(rung) == 1


def test_a_known_sid_from_another_number_begins_no_conversation(line: Line) -> None:
    text_in(line)
    assert text_in(line, From="+16145550102").status_code == 200
    with in_center(line.center_id):
        assert (Message.objects.count(), Conversation.objects.count()) == (1, 1)


def test_two_texts_of_one_number_stand_in_one_conversation_in_their_order(line: Line) -> None:
    text_in(line, "first", MessageSid=sid(1))
    text_in(line, "second", MessageSid=sid(2))

    with in_center(line.center_id):
        bodies = [message.body for message in Message.objects.order_by("sequence")]
        assert bodies == ["first", "second"]
        assert Conversation.objects.count() == 1
        assert FollowUp.objects.open().count() == 1


def test_two_numbers_are_two_clients(line: Line) -> None:
    text_in(line, MessageSid=sid(1))
    text_in(line, MessageSid=sid(2), From="+16145550102")
    with in_center(line.center_id):
        assert Client.objects.count() == Conversation.objects.count() == 2


def test_one_number_is_two_clients_in_two_centers(line: Line, other_center: Center) -> None:
    other = add_line(other_center, number=OTHER_LINE, account_sid=ACCOUNT, auth_token=TOKEN)
    text_in(line)
    text_in(other, To=OTHER_LINE)

    for one in (line, other):
        with in_center(one.center_id):
            assert Message.objects.get().twilio_sid == SID
            assert Client.objects.count() == 1


def test_we_answer_from_the_number_that_she_wrote_to_last(line: Line, center: Center) -> None:
    other = add_line(center, number=OTHER_LINE, account_sid=ACCOUNT, auth_token=TOKEN)
    text_in(line, MessageSid=sid(1))
    text_in(other, MessageSid=sid(2), To=OTHER_LINE)
    with in_center(center.pk):
        assert Conversation.objects.get().line_id == other.pk


def test_the_list_shows_no_more_than_the_beginning_of_long_words(line: Line) -> None:
    text_in(line, "x" * 1600)
    with in_center(line.center_id):
        assert Conversation.objects.get().last_words == "x" * 120


def test_she_waits_since_her_first_unanswered_text(line: Line) -> None:
    text_in(line, MessageSid=sid(1))
    with in_center(line.center_id):
        first = Conversation.objects.get().waiting_since
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        text_in(line, MessageSid=sid(2))
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
        assert conversation.waiting_since == first
        assert conversation.last_entry_at > first + timedelta(minutes=4)


def test_her_text_opens_a_closed_conversation_again(line: Line, conversation: Conversation, naomi: Membership) -> None:
    with in_center(line.center_id):
        close(conversation, outcome=Outcome.ANSWERED, by=naomi)
    text_in(line, "One more thing", MessageSid=sid(2))

    with in_center(line.center_id):
        again = Conversation.objects.get()
        assert again.is_open
        assert not hasattr(again, "closure")
        assert again.waiting_since is not None
        assert FollowUp.objects.open().get().kind == FollowUpKind.REPLY
        assert LogEntry.objects.filter(event=Event.REOPENED).exists()


def test_a_text_after_an_answer_owes_a_new_one(line: Line, reply: Reply, naomi: Membership) -> None:
    reply(naomi)
    text_in(line, "Thanks, and tomorrow?", MessageSid=sid(2))
    with in_center(line.center_id):
        owed = FollowUp.objects.open().get()
        assert owed.kind == FollowUpKind.REPLY
        assert owed.owner_id == naomi.staff_id


def test_pictures_are_counted(line: Line) -> None:
    text_in(line, "", NumMedia="2", MessageSid="MM" + "a" * 32)
    with in_center(line.center_id):
        assert Message.objects.get().media_count == 2


def test_the_record_says_that_twilio_brought_it_and_none_of_its_words(line: Line) -> None:
    text_in(line, "marker words")
    with in_center(line.center_id):
        entry = LogEntry.objects.get(event=Event.MESSAGE_RECEIVED)
        assert entry.actor_kind == "twilio"
        assert entry.facts == {"sequence": 1, "media": 0}


def test_a_text_in_an_answered_conversation_costs_few_queries(line: Line, reply: Reply, naomi: Membership) -> None:
    """The dearest kind of an everyday text: it opens a follow-up."""
    reply(naomi)
    with CaptureQueriesContext(connection) as queries:
        text_in(line, MessageSid=sid(2))
    nested = ("SAVEPOINT", "RELEASE", "SELECT set_config('quietline.center', ''")
    asked = [query["sql"] for query in queries if not str(query["sql"]).startswith(nested)]
    assert len(asked) <= 10, "\n".join(str(sql)[:150] for sql in asked)


def test_the_first_text_asks_for_one_automatic_answer(line: Line) -> None:
    for number in range(3):
        text_in(line, MessageSid=sid(number))
    with in_center(line.center_id):
        assert Job.objects.filter(kind=Work.AUTO_REPLY).count() == 1


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Hola, necesito hablar con alguien", "es"),
        ("hola", "es"),
        ("¿Me pueden ayudar?", "es"),
        ("quiero una cita por favor", "es"),
        ("Necesito ayuda", "es"),
        ("Hi, I need to talk", "en"),
        ("no", "en"),
        ("me and my mom", "en"),
        ("", "en"),
        ("I live in Las Vegas", "en"),
    ],
)
def test_her_first_words_say_which_language_to_greet_her_in(line: Line, words: str, language: str) -> None:
    text_in(line, words)
    with in_center(line.center_id):
        assert Client.objects.get().language == language


def test_a_center_that_speaks_spanish_greets_in_spanish(line: Line, center: Center) -> None:
    with in_center(center.pk):
        center.language = "es"
        center.save()
    text_in(line, "ok")
    with in_center(line.center_id):
        assert Client.objects.get().language == "es"
