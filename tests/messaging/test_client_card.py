"""What she told us, through the door: kept sealed, with its history, and said where somebody would act against it."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.models import Client, ClientChange, Conversation, EventKind, Line
from tenancy.scope import in_center
from tests.doors import signed_in
from tests.messaging.test_text_back import missed

pytestmark = pytest.mark.django_db

TOLD = {"prefers": "text", "calls": "never", "safe_times": "after six", "language": "es", "note": "her sister helps"}


def post(conversation: Conversation, by: Membership, door: str = "card", **fields: Any) -> Any:
    return signed_in(by).post(f"/conversations/{conversation.pk}/{door}/", fields, headers={"HX-Request": "true"})


def page(conversation: Conversation, by: Membership, door: str = "") -> str:
    answer = signed_in(by).get(f"/conversations/{conversation.pk}/{door}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def client_of(conversation: Conversation) -> Client:
    return Client.objects.get(pk=conversation.client_id)


def test_what_she_told_us_is_kept_sealed_and_its_history_names_who_when_and_what_stood_there(
    conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    assert post(conversation, naomi, **TOLD, seen=0).status_code == 200
    assert post(conversation, ruth, **{**TOLD, "note": ""}, seen=1).status_code == 200

    with in_center(conversation.center_id):
        client = client_of(conversation)
        assert (client.language, client.calls, client.safe_times, client.note) == ("es", "never", "after six", None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT c::text || h::text FROM messaging_client c, messaging_clientchange h")
            assert not any(b"sister".hex() in row or "sister" in row for (row,) in cursor.fetchall())
        changes = LogEntry.objects.filter(event=Event.CLIENT_CHANGED, client_id=client.pk)
        fields = [entry.facts["field"] for entry in changes.order_by("timestamp")]
        assert fields == [*TOLD, "note"]
        assert conversation.events.filter(what=EventKind.CARD).count() == 2
    said = page(conversation, ruth, "card/history/")
    assert "About her, before: her sister helps" in said
    assert "Calls, before: She has not said" in said
    assert said.index("Ruth") < said.index("Naomi")


def test_the_last_change_is_undone_and_the_undoing_can_be_undone(conversation: Conversation, naomi: Membership) -> None:
    post(conversation, naomi, **TOLD, seen=0)
    post(conversation, naomi, **{**TOLD, "note": "wrong words"}, seen=1)

    for version, note in (2, "her sister helps"), (3, "wrong words"):
        assert post(conversation, naomi, "card/undo", seen=version).status_code == 200
        with in_center(conversation.center_id):
            assert client_of(conversation).note == note


def test_nobody_writes_over_what_a_colleague_changed_meanwhile_and_no_word_is_lost(
    conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    post(conversation, ruth, **TOLD, seen=0)

    late = post(conversation, naomi, language="en", note="typed by naomi", seen=0)
    undone = post(conversation, naomi, "card/undo", seen=0)

    assert (late.status_code, undone.status_code) == (409, 409)
    said = late.content.decode()
    assert "typed by naomi" in said
    assert said.count("A colleague has just changed this too") == 1
    assert '<option value="never" selected>' in said, "what she did not touch says what the colleague wrote"
    with in_center(conversation.center_id):
        assert client_of(conversation).note == "her sister helps"
        assert ClientChange.objects.count() == 1

    assert post(conversation, naomi, **{**TOLD, "note": "typed by naomi"}, seen=1).status_code == 200


def test_two_who_change_different_things_at_once_are_both_heard(
    conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    as_shown = {"language": "en", "prefers": "", "calls": "", "safe_times": "", "note": ""}
    assert post(conversation, ruth, "name", name="Ines").status_code == 200
    assert post(conversation, ruth, **{**as_shown, "calls": "never"}, seen=0).status_code == 200

    assert post(conversation, naomi, **{**as_shown, "note": "has a dog"}, seen=0).status_code == 200

    with in_center(conversation.center_id):
        client = client_of(conversation)
        assert (client.name, client.calls, client.note, client.version) == ("Ines", "never", "has a dog", 3)


def test_what_cannot_be_opened_says_so_and_the_rest_of_the_card_works_on(
    conversation: Conversation, naomi: Membership
) -> None:
    post(conversation, naomi, **TOLD, seen=0)
    post(conversation, naomi, **{**TOLD, "note": "second words"}, seen=1)
    with in_center(conversation.center_id), connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_client SET note = set_byte(note, 70, 7)")
        cursor.execute("UPDATE messaging_clientchange SET before = set_byte(before, 70, 7)")

    shown = page(conversation, naomi)
    saved = post(conversation, naomi, **{**TOLD, "calls": "no_voicemail", "note": "typed by naomi"}, seen=2)
    late = post(conversation, naomi, **{**TOLD, "safe_times": "typed by naomi"}, seen=1)
    undone = post(conversation, naomi, "card/undo", seen=2)

    assert "What cannot be shown stays as it is." in shown
    assert (saved.status_code, late.status_code, undone.status_code) == (200, 409, 409)
    assert "Nothing was saved; your words are kept." in late.content.decode()
    assert "typed by naomi" in late.content.decode()
    with in_center(conversation.center_id):
        assert client_of(conversation).calls == "no_voicemail"
    assert "This cannot be shown." in page(conversation, naomi, "card/history/")


def test_do_not_call_stands_where_somebody_would_call(
    conversation: Conversation, line: Line, naomi: Membership, ruth: Membership
) -> None:
    missed(line)
    show = f"/conversations/{conversation.pk}/number/"
    assert "tel:" in signed_in(ruth).post(show).content.decode()

    post(conversation, naomi, **TOLD, seen=0)

    shown = signed_in(ruth).post(show).content.decode()
    assert "tel:" not in shown
    assert shown.count("Do not call her") >= 3  # among her facts, at what is owed, and in the form
    before_writing = page(conversation, naomi).partition('class="before-writing"')[2].partition("<message-composer")[0]
    assert "Do not call her" in before_writing
    assert "after six" in before_writing
    assert "Do not call her" in signed_in(ruth).get("/follow-ups/").content.decode()


def test_a_card_that_cannot_be_is_answered_with_what_is_wrong(conversation: Conversation, naomi: Membership) -> None:
    answer = post(conversation, naomi, **{**TOLD, "calls": "at night", "note": "x" * 2001}, seen=0)

    assert answer.status_code == 422
    assert "That is too long by 1 characters" in answer.content.decode()
    with in_center(conversation.center_id):
        assert client_of(conversation).version == 0


def test_the_card_says_by_what_she_asked_for_texts_or_that_she_never_wrote(
    conversation: Conversation, line: Line, naomi: Membership
) -> None:
    assert "She wrote to us first:" in page(conversation, naomi)
    missed(line, From="+16145550166")
    with in_center(line.center_id):
        called = Conversation.objects.exclude(pk=conversation.pk).get()
    assert "She has not written here. Begin with words that anybody may read." in page(called, naomi)
