"""The answer that a machine gives to a first text, through the webhook and the worker, against the twin."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import Center, Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.auto_replies import answer_automatically
from messaging.actions.center_words import set_hours
from messaging.actions.words.ready import AUTO, REPLIES, TEXT_BACK
from messaging.actions.words.spoken import SPOKEN
from messaging.models import Line, Message, Purpose, Template, TemplateUse
from tenancy.scope import in_center
from tests.cast import PHONE
from tests.doors import sid, text_in
from tests.messaging.conftest import Reply, work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
MONDAY_TEN = datetime(2027, 6, 7, 10, tzinfo=NEW_YORK)
MONDAY_NIGHT = datetime(2027, 6, 7, 22, tzinfo=NEW_YORK)

SUBJECT = (
    "pregnan", "abort", "baby", "bebé", "bebe", "ultrasound", "ultrasonido", "clinic", "clínica", "medical", "health",
    "salud", "test", "prueba", "result", "embaraz", "center", "centro", "parent", "option", "hope", "life", "vida",
)  # fmt: skip


@pytest.fixture
def office_hours(center: Center) -> Center:
    with in_center(center.pk):
        set_hours(center, [(day, time(9), time(17)) for day in range(5)], [date(2027, 6, 8)])
    return center


def automatic(line: Line) -> list[str]:
    with in_center(line.center_id):
        return [message.body for message in Message.objects.filter(purpose=Purpose.AUTO_REPLY)]


def withheld(line: Line) -> list[str]:
    with in_center(line.center_id):
        entries = LogEntry.objects.filter(event=Event.AUTO_REPLY_WITHHELD)
        return [entry.facts["reason"] for entry in entries]


def test_a_first_text_is_answered_while_open(twin: TwinProcess, line: Line, office_hours: Center) -> None:
    with time_machine.travel(MONDAY_TEN):
        text_in(line, "Hi, I need to talk to somebody")
        work_after(1)

    (text,) = twin.texts
    assert text["to"] == PHONE
    assert text["body"] == AUTO[TemplateUse.AUTO_OPEN, "en"][1]


def test_while_closed_she_hears_when_somebody_is_back(twin: TwinProcess, line: Line, office_hours: Center) -> None:
    with time_machine.travel(MONDAY_NIGHT):
        text_in(line, "Hi, I need to talk to somebody")
        work_after(1)
    (text,) = twin.texts
    assert "We are away now and will write back on Wednesday at 9 am. Other" in text["body"]


def test_a_spanish_text_is_answered_in_spanish(twin: TwinProcess, line: Line, office_hours: Center) -> None:
    with time_machine.travel(MONDAY_NIGHT):
        text_in(line, "Hola, necesito hablar con alguien")
        work_after(1)
    (text,) = twin.texts
    assert "le responderemos el miércoles a las 9 am. Otras personas" in text["body"]


def test_an_automatic_answer_owes_hers_still_to_a_person(twin: TwinProcess, line: Line) -> None:
    text_in(line)
    work_after(1)
    with in_center(line.center_id):
        message = Message.objects.get(purpose=Purpose.AUTO_REPLY)
        assert message.sequence == 2
        assert message.author_id is None
        assert message.conversation.waiting_since is not None
        assert message.conversation.answered_at is None
        assert message.conversation.follow_ups.open().count() == 1


def test_many_texts_are_answered_once(twin: TwinProcess, line: Line) -> None:
    for number in range(4):
        text_in(line, MessageSid=sid(number))
        work_after(1)
    assert len(twin.texts) == 1


def test_the_work_that_runs_twice_answers_once(twin: TwinProcess, line: Line) -> None:
    text_in(line)
    work_after(1)
    with in_center(line.center_id):
        first = Message.objects.get(direction="in")
    answer_automatically(line.center_id, first.pk)
    work_after(1)
    assert len(twin.texts) == 1
    assert withheld(line) == ["one_a_day"]


def test_nothing_automatic_is_said_after_a_person_has_answered(
    twin: TwinProcess, line: Line, reply: Reply, naomi: Membership
) -> None:
    reply(naomi)
    work_after(10)
    text_in(line, MessageSid=sid(2))
    with time_machine.travel(datetime.now(tz=NEW_YORK) + timedelta(days=3)):
        text_in(line, MessageSid=sid(3))
        work_after(1)
    assert automatic(line) == []
    assert withheld(line) == ["person_answered"]


@pytest.mark.parametrize("words", ["STOP", "HELP", "please stop texting me", "déjenme en paz"])
def test_who_asks_to_stop_or_for_twilios_help_gets_no_automatic_answer(
    twin: TwinProcess, line: Line, words: str
) -> None:
    text_in(line, words)
    work_after(1)
    assert twin.texts == []


@pytest.mark.parametrize("words", ["STOP", "please stop texting me"])
def test_a_stop_that_comes_before_the_answer_left_holds_it_back(twin: TwinProcess, line: Line, words: str) -> None:
    text_in(line, "Hi", MessageSid=sid(1))
    text_in(line, words, MessageSid=sid(2))
    work_after(1)
    assert twin.texts == []
    assert len(withheld(line)) == 1


@pytest.mark.parametrize("sender", ["72345", "HARBOR", "whatsapp:+16145550101", "+266696687"])
def test_a_sender_that_cannot_be_texted_gets_no_automatic_answer(twin: TwinProcess, line: Line, sender: str) -> None:
    text_in(line, From=sender)
    work_after(1)
    assert twin.texts == []
    assert withheld(line) == ["not_textable"]


def test_a_center_without_such_words_says_nothing_by_itself(twin: TwinProcess, line: Line) -> None:
    with in_center(line.center_id):
        Template.objects.exclude(use=TemplateUse.REPLY).delete()
    text_in(line)
    work_after(1)
    assert withheld(line) == ["no_template"]


def test_a_center_begins_with_automatic_answers_and_six_replies_in_both_languages(line: Line) -> None:
    with in_center(line.center_id):
        templates = Template.objects.filter(center=line.center_id)
        automatic_ones = {(t.use, t.language) for t in templates if t.use != TemplateUse.REPLY}
        assert automatic_ones == {*AUTO, *TEXT_BACK, *SPOKEN}
        for language in ("en", "es"):
            assert templates.filter(use=TemplateUse.REPLY, language=language).count() == 6


READY = [body for words in (AUTO, TEXT_BACK, SPOKEN) for _name, body in words.values()]
READY += [body for replies in REPLIES.values() for _name, body in replies]


@pytest.mark.parametrize("body", READY)
def test_no_ready_words_hint_at_what_a_center_does(body: str) -> None:
    said = body.casefold()
    assert [word for word in SUBJECT if re.search(rf"\b{word}", said)] == []


@pytest.mark.parametrize("use", [TemplateUse.AUTO_OPEN, TemplateUse.AUTO_CLOSED])
def test_the_automatic_words_warn_ask_and_say_how_to_stop(use: TemplateUse) -> None:
    english, spanish = AUTO[use, "en"][1], AUTO[use, "es"][1]
    assert "able to read texts on your phone" in english
    assert "podrían leer los mensajes de su teléfono" in spanish
    assert "text or talk by phone?" in english
    assert "¿Prefiere escribir o hablar por teléfono?" in spanish
    assert "STOP" in english
    assert "STOP" in spanish
    assert ("{opens}" in english) is ("{opens}" in spanish) is (use == TemplateUse.AUTO_CLOSED)
