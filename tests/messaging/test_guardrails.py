"""Words that may not leave as they are, or not before their writer has looked once more. Through the page."""

from typing import Any

import pytest

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.assignment import assign
from messaging.actions.client_card import name_client
from messaging.actions.words.fields import filled, shown, stored
from messaging.actions.words.parts import parts_of, with_plain_marks
from messaging.models import Conversation, Line, Message, Template, TemplateUse
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in
from twin.formats import count_segments

pytestmark = pytest.mark.django_db


def client_called(line: Line, name: str, number: int, by: Membership) -> Conversation:
    text_in(line, "Hello", From=f"+1614555{number:04d}", MessageSid=sid(number))
    with in_center(line.center_id):
        row = Conversation.objects.order_by("-created_at")[0]
        name_client(row, name=name, by=by)
    return row


def post_reply(member: Membership, row: Conversation, body: str, **more: str) -> Any:
    posted = {"body": body, "last_sequence": "99", "key": str(uuid7()), **more}
    return signed_in(member).post(f"/conversations/{row.pk}/replies/", posted)


def written(row: Conversation) -> list[str]:
    with in_center(row.center_id):
        return [text.body for text in Message.objects.filter(conversation=row, direction="out", author__isnull=False)]


@pytest.mark.parametrize("body", ["Hi Ana, are you well?", "Thank you.\nHola  ANA!", "ana, are you there?"])
def test_a_greeting_with_another_clients_name_is_asked_about_before_it_is_sent(
    line: Line, ruth: Membership, body: str
) -> None:
    client_called(line, "Ana Lopez", 201, ruth)
    maria = client_called(line, "Maria", 202, ruth)
    asked = post_reply(ruth, maria, body)
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "That is another client of yours" in page
    assert 'name="confirmed"' in page and body.split("\n")[0] in page, "the words must still be there"
    assert written(maria) == []
    assert post_reply(ruth, maria, body, confirmed="greeting:ana").status_code == 201
    assert len(written(maria)) == 1
    with in_center(line.center_id):
        assert LogEntry.objects.get(event=Event.MESSAGE_WRITTEN).facts["sure_of"] == 1


def test_what_was_confirmed_for_one_name_does_not_let_another_one_through(line: Line, ruth: Membership) -> None:
    client_called(line, "Ana", 201, ruth)
    maria = client_called(line, "Maria", 202, ruth)
    assert post_reply(ruth, maria, "Hi Ana", confirmed="greeting:eve").status_code == 422


@pytest.mark.parametrize("body", ["Hi Maria!", "Hi there", "Hello, Ruth here.", "Is Ana with you?", "Hi Zoe"])
def test_a_greeting_that_is_hers_or_nobodys_leaves_unasked(line: Line, ruth: Membership, body: str) -> None:
    client_called(line, "Ana", 201, ruth)
    maria = client_called(line, "Maria", 202, ruth)
    assert post_reply(ruth, maria, body).status_code == 201


def test_no_name_is_given_away_that_its_writer_may_not_see(line: Line, ruth: Membership, naomi: Membership) -> None:
    ana = client_called(line, "Ana", 201, ruth)
    maria = client_called(line, "Maria", 202, ruth)
    with in_center(line.center_id):
        assign(ana, to=ruth, by=ruth)
        assign(maria, to=naomi, by=ruth)
    assert post_reply(naomi, maria, "Hi Ana").status_code == 201


def test_ready_words_that_were_filled_for_somebody_else_are_asked_about(line: Line, ruth: Membership) -> None:
    maria = client_called(line, "Maria", 202, ruth)
    with in_center(line.center_id):
        Template.objects.create(center=line.center, name="T", body="It was good to hear from you, {first_name}. Bye.")
    body = "It was good to hear from you, Eve. Bye."
    asked = post_reply(ruth, maria, body)
    assert "still hold the name “Eve”" in asked.content.decode()
    assert written(maria) == []
    assert post_reply(ruth, maria, body.replace("Eve", "Maria")).status_code == 201


@pytest.mark.parametrize("field", ["{first name}", "{nombre}", "{first_name}", "{Opening  Time}"])
def test_a_field_that_nobody_filled_never_leaves_confirmed_or_not(
    line: Line, ruth: Membership, conversation: Conversation, field: str
) -> None:
    refused = post_reply(ruth, conversation, f"Hi {field}", confirmed="greeting:ana")
    assert refused.status_code == 422
    assert "put the right words in place of" in refused.content.decode()
    assert written(conversation) == []


def test_ready_words_come_filled_and_say_what_is_not_known_yet(
    line: Line, ruth: Membership, conversation: Conversation
) -> None:
    with in_center(line.center_id):
        Template.objects.create(center=line.center, name="T", body="Hi {first_name}, {my_name} here, back {opens}.")
    page = signed_in(ruth).get(f"/conversations/{conversation.pk}/templates/").content.decode()
    assert "Hi {first name}, Ruth here, back tomorrow at 12 am." in page
    assert "Not known yet: {first name}" in page
    with in_center(line.center_id):
        name_client(conversation, name="Maria Lopez", by=ruth)
    page = signed_in(ruth).get(f"/conversations/{conversation.pk}/templates/").content.decode()
    assert "Hi Maria, Ruth here" in page
    assert "Not known yet" not in page


def test_the_editor_takes_fields_in_either_language_keeps_stable_words_and_refuses_others(
    line: Line, adina: Membership
) -> None:
    client, words = signed_in(adina), {"use": "reply", "language": "en", "name": "Words"}
    page = client.get("/settings/templates/new/").content.decode()
    assert "{first name}, {my name}, {opening time}" in page
    refused = client.post("/settings/templates/new/", {**words, "body": "Hi {surname}"})
    assert "There is no field {surname}" in refused.content.decode()
    assert client.post("/settings/templates/new/", {**words, "body": "Hi {Nombre}, {my name}"}).status_code == 302
    with in_center(line.center_id):
        kept = [template.body for template in Template.objects.filter(use=TemplateUse.REPLY)]
    assert "Hi {first_name}, {my_name}" in kept
    assert "Hi {first name}, {my name}" in client.get("/settings/templates/").content.decode()
    by_itself = client.post("/settings/templates/new/", {**words, "use": "missed_call", "body": "Hi {first name}"})
    assert "cannot hold {first name}" in by_itself.content.decode()


def test_fields_go_there_and_back() -> None:
    assert stored(shown("{first_name} {opens}")) == "{first_name} {opens}"
    assert filled("{first_name} {my_name} {x}", {"first_name": "Ana", "my_name": ""}) == "Ana {my name} {x}"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("a" * 10_000, "too long by 8400 characters"),
        ("\u200b\u202e \u2060", "There are no words in it yet."),
        ("", "There are no words in it yet."),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence_and_the_words_stay(
    ruth: Membership, conversation: Conversation, body: str, sentence: str
) -> None:
    refused = post_reply(ruth, conversation, body)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert body.strip() in refused.content.decode()


def test_markup_and_directions_leave_as_they_were_typed(ruth: Membership, conversation: Conversation) -> None:
    body = "<b>5 < 6</b> & \u202eabc\u202c שלום 👩‍👩‍👧"
    assert post_reply(ruth, conversation, body).status_code == 201
    assert written(conversation) == [body]


def test_line_feeds_of_a_browser_without_scripts_are_single(ruth: Membership, conversation: Conversation) -> None:
    post_reply(ruth, conversation, "one\r\ntwo")
    assert written(conversation) == ["one\ntwo"]


@pytest.mark.parametrize(
    ("text", "units", "count"),
    [
        ("", 0, 0), ("a" * 160, 160, 1), ("a" * 161, 161, 2), ("a" * 306, 306, 2), ("a" * 307, 307, 3),
        ("é" * 160, 160, 1), ("á" * 70, 70, 1), ("á" * 71, 71, 2), ("€" * 80, 160, 1), ("€" * 81, 162, 2),
        ("a" * 152 + "€" * 77, 306, 3), ("😀" * 35, 70, 1), ("😀" * 36, 72, 2), ("á" * 66 + "😀" * 34, 134, 3),
        ("¿Qué pasó?", 10, 1), ("\n" * 160, 160, 1),
    ],
)  # fmt: skip
def test_parts_are_counted_as_they_are_billed(text: str, units: int, count: int) -> None:
    found = parts_of(text)
    assert (found.units, found.count) == (units, count)
    assert not text or count - count_segments(text) in (0, 1), "the twin cuts signs in two; we never count fewer"


def test_plain_marks_change_no_letter() -> None:
    assert with_plain_marks("\u201cIt\u2019s \u2014 así\u2026 ñandú é\u201d") == '"It\'s - así... ñandú é"'
