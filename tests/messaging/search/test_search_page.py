"""What a search finds, through its page: the same whether words are put together or not, and only what one may open."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from encryption.keystore import destroy_epoch_key
from messaging.actions.assignment import assign
from messaging.actions.client_card import name_client
from messaging.actions.notes import write_note
from messaging.actions.search import stretches, texts
from messaging.actions.search.texts import gather
from messaging.models import Conversation, Line, Message, SearchText
from messaging.views import search
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in
from tests.messaging.search.asking import PARTS, ask, found, put_together, rows_in

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["put together", "not yet", "half"])
def words_are(request: pytest.FixtureRequest, four: list[Conversation], line: Line) -> str:
    """The same questions are asked of texts that are put together, of entries alone, and of both."""
    if request.param == "put together":
        put_together(line)
    if request.param == "half":
        put_together(line)
        with in_center(line.center_id):
            SearchText.objects.filter(conversation__in=four[::2]).delete()
    return str(request.param)


FINDS: dict[str, list[int]] = {
    "tuesday": [0],
    "TUES": [0],
    "manana jueves": [1],
    "Mañana": [1],
    "sister call": [2],
    '"my sister"': [2],
    '"sister my"': [],
    "0002": [1],
    "(614) 555-0003": [2],
    "+1 614 555 0003": [2],
    "5550003": [2],
    "6145": [],  # four digits are the last ones of a number
    "th": [3],
}


def test_words_names_and_numbers_are_found(four: list[Conversation], words_are: str, ruth: Membership) -> None:
    client = signed_in(ruth)
    assert {words: found(client, words) for words in FINDS} == {
        words: [four[number].pk for number in who] for words, who in FINDS.items()
    }


@pytest.mark.parametrize("words", ["", " ", "a t", '""', "x" * 201, "\x00"])
def test_what_cannot_be_searched_is_said_and_nothing_is_on_the_record(
    four: list[Conversation], line: Line, ruth: Membership, words: str
) -> None:
    answer = signed_in(ruth).post("/search/results/", {"words": words}, headers=PARTS, secure=True)
    assert answer.status_code == 422
    assert b"notice--error" in answer.content
    with in_center(line.center_id):
        assert not LogEntry.objects.filter(event=Event.SEARCH).exists()


def test_a_name_is_found_and_an_old_one_is_not(four: list[Conversation], line: Line, ruth: Membership) -> None:
    client = signed_in(ruth)
    with in_center(line.center_id):
        name_client(four[0], name="Zoë", by=ruth)
    put_together(line)
    assert found(client, "zoe") == [four[0].pk]
    with in_center(line.center_id):
        name_client(four[0], name="Inés", by=ruth)
    assert found(client, "zoe") == []
    assert found(client, "ines tuesday") == [four[0].pk]
    put_together(line)
    assert found(client, "ines") == [four[0].pk]


def test_what_came_after_the_words_were_put_together_is_found(
    four: list[Conversation], line: Line, ruth: Membership
) -> None:
    put_together(line)
    text_in(line, "and a parking place?", From="+16145550001", MessageSid=sid(9))
    assert found(signed_in(ruth), "parking") == [four[0].pk]
    assert found(signed_in(ruth), "tuesday") == [four[0].pk]


def test_notes_are_found_and_who_said_it_narrows(four: list[Conversation], line: Line, ruth: Membership) -> None:
    with in_center(line.center_id):
        four[1].refresh_from_db()
        write_note(four[1], by=ruth, body="She asked about Tuesday too", client_key=uuid7())
    client = signed_in(ruth)
    assert set(found(client, "tuesday")) == {four[0].pk, four[1].pk}
    assert found(client, "tuesday", kind="n") == [four[1].pk]
    assert found(client, "tuesday", kind="i") == [four[0].pk]
    assert found(client, "tuesday", kind="o") == []


def test_days_narrow_by_the_center_s_own_calendar(
    four: list[Conversation], line: Line, words_are: str, ruth: Membership
) -> None:
    today = timezone.now().astimezone(ruth.center.zone).date()
    client = signed_in(ruth)
    day = timedelta(days=1)
    assert found(client, "tuesday", since=str(today), until=str(today)) == [four[0].pk]
    assert found(client, "tuesday", since=str(today + day)) == []
    assert found(client, "tuesday", until=str(today - day)) == []
    assert found(client, "0002", until=str(today - day)) == []
    backwards = {"words": "tuesday", "since": "2026-02-01", "until": "2026-01-01"}
    wrong = client.post("/search/results/", backwards, secure=True)
    assert wrong.status_code == 422
    assert b"Nothing was searched" in wrong.content


def test_who_holds_it_narrows(four: list[Conversation], line: Line, ruth: Membership, naomi: Membership) -> None:
    with in_center(line.center_id):
        assign(four[0], to=naomi, by=ruth)
    client = signed_in(ruth)
    assert found(client, "614555", holder=str(naomi.staff_id)) == [four[0].pk]
    assert len(found(client, "614555", holder="nobody")) == 3
    stranger = client.post("/search/results/", {"words": "tues", "holder": str(uuid7())}, headers=PARTS, secure=True)
    assert stranger.status_code == 422


def test_only_what_somebody_may_open_is_looked_through(
    four: list[Conversation], line: Line, words_are: str, ruth: Membership, naomi: Membership, mara: Membership
) -> None:
    with in_center(line.center_id):
        four[0].refresh_from_db()
        assign(four[0], to=ruth, by=ruth)
    page = ask(signed_in(naomi), "tuesday")
    assert "data-row" not in page
    assert "as it was when you began (3)" in page
    assert "Nothing was found" in ask(signed_in(mara), "tuesday")


def test_the_newest_comes_first_and_what_is_done_comes_last(
    four: list[Conversation], line: Line, words_are: str, ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_center(line.center_id):
        four[3].refresh_from_db()
        four[3].closed_at = timezone.now()
        four[3].save(update_fields=["closed_at"])
    expected = [four[2].pk, four[1].pk, four[0].pk, four[3].pk]
    client = signed_in(ruth)
    assert found(client, "614555") == expected
    for batch, enough, seconds in [(1, 20, 9), (2, 1, 9), (1, 1, 9), (3, 2, 9), (1, 20, 0)]:
        monkeypatch.setattr(stretches, "FIRST_BATCH", batch)
        monkeypatch.setattr(stretches, "BATCH", batch)
        monkeypatch.setattr(search, "ENOUGH", enough)
        monkeypatch.setattr(search, "FIRST_SECONDS", seconds)
        monkeypatch.setattr(search, "SECONDS", seconds)
        page = ask(client, "614555")
        assert rows_in(page) == expected
        assert "4 conversations found. Everything was looked at, as it was when you began (4)." in page


def test_what_was_found_is_marked_where_it_stands(four: list[Conversation], line: Line, ruth: Membership) -> None:
    page = ask(signed_in(ruth), "manana jueves")
    assert "<mark>Mañana</mark> no puedo, ¿el <mark>JUEVES</mark>?" in page
    assert f'href="/conversations/{four[1].pk}/?at=1"' in page


def test_a_search_is_on_the_record_by_a_keyed_hash_alone(
    four: list[Conversation], line: Line, ruth: Membership
) -> None:
    client = signed_in(ruth)
    for words in ("Tuesday", "tuesday ", "thursday"):
        ask(client, words)
    with in_center(line.center_id):
        entries = LogEntry.objects.filter(event=Event.SEARCH).order_by("pk")
        same, again, other = (entry.facts["words"] for entry in entries)
    assert same == again != other
    assert "uesday" not in str([entry.facts for entry in entries])


def test_the_words_are_in_no_address_and_no_title(four: list[Conversation], line: Line, ruth: Membership) -> None:
    page = signed_in(ruth).post("/search/results/", {"words": "tuesday"}, secure=True).content.decode()
    assert "<title>Search · Quietline</title>" in re.sub(r"\s+", " ", page)
    assert not re.search(r'(href|action|src)="[^"]*tuesday', page, re.IGNORECASE)
    assert signed_in(ruth).get("/search/results/?words=tuesday", secure=True).status_code == 405


@pytest.mark.parametrize("other", ["words", "narrower", "person", "altered", "missing"])
def test_a_place_serves_no_other_search(
    four: list[Conversation],
    line: Line,
    ruth: Membership,
    naomi: Membership,
    monkeypatch: pytest.MonkeyPatch,
    other: str,
) -> None:
    monkeypatch.setattr(search, "ENOUGH", 1)
    client = signed_in(ruth)
    page = client.post("/search/results/", {"words": "614555"}, headers=PARTS, secure=True).content.decode()
    place = re.search(r'name="place" value="([^"]+)"', page)
    assert place
    sent = {"words": "614555", "place": unescape(place[1])}
    assert client.post("/search/more/", sent, headers=PARTS, secure=True).status_code == 200
    changed: dict[str, Any] = {
        "words": {**sent, "words": "other"},
        "narrower": {**sent, "kind": "n"},
        "person": sent,
        "altered": {**sent, "place": sent["place"][:-2]},
        "missing": {"words": "614555"},
    }[other]
    asking = signed_in(naomi) if other == "person" else client
    assert asking.post("/search/more/", changed, headers=PARTS, secure=True).status_code == 404


def test_an_erased_conversation_is_not_found_and_an_altered_one_is_said(
    four: list[Conversation], line: Line, ruth: Membership
) -> None:
    put_together(line)
    with in_center(line.center_id):
        destroy_epoch_key(line.center_id, four[0].epoch_id)
    assert "Nothing was found" in (page := ask(signed_in(ruth), "tuesday"))
    assert "could not be opened" not in page
    with in_center(line.center_id), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_searchtext SET text = set_byte(text, 70, 7) WHERE conversation_id = %s", [four[1].pk]
        )
    assert "1 could not be opened" in ask(signed_in(ruth), "jueves")


def test_an_altered_text_is_made_anew(four: list[Conversation], line: Line, ruth: Membership) -> None:
    put_together(line)
    with in_center(line.center_id), connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_searchtext SET through = 0, text = set_byte(text, 70, 7)")
    gather(line.center_id)
    gather(line.center_id)
    assert found(signed_in(ruth), "jueves") == [four[1].pk]
    with in_center(line.center_id):
        assert SearchText.objects.count() == 4


def test_gathering_ends_where_a_key_was_destroyed(
    four: list[Conversation], line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "AT_ONCE", 1)
    with in_center(line.center_id):
        destroy_epoch_key(line.center_id, four[0].epoch_id)
    assert gather(line.center_id) == 4
    with in_center(line.center_id):
        assert SearchText.objects.count() == 3
    assert gather(line.center_id, since=timezone.now() - timedelta(days=1)) == 1


def test_who_is_writing_just_now_is_put_together_later(four: list[Conversation], line: Line) -> None:
    text_in(line, "one more thing", From="+16145550001", MessageSid=sid(9))
    gather(line.center_id)
    with in_center(line.center_id):
        assert not SearchText.objects.filter(conversation=four[0]).exists()
        assert SearchText.objects.count() == 3


def test_a_stretch_costs_as_many_statements_for_many_as_for_few(
    four: list[Conversation], line: Line, ruth: Membership
) -> None:
    put_together(line)
    client = signed_in(ruth)
    ask(client, "614555")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.post("/search/results/", {"words": "614555"}, headers=PARTS, secure=True)
        return len(queries)

    few = statements()
    for number in range(30):
        text_in(line, "more", From=f"+1614555{number + 100:04d}", MessageSid=sid(number + 100))
    with in_center(line.center_id):
        Conversation.objects.update(last_entry_at=timezone.now() - timedelta(hours=1))
    put_together(line)
    assert statements() <= few


def test_a_result_opens_the_thread_where_it_was_found(line: Line, ruth: Membership) -> None:
    for number in range(1, 31):
        text_in(line, f"number {number} of them", MessageSid=sid(number))
    with in_center(line.center_id):
        row = Conversation.objects.get()
        assert Message.objects.count() == 30
    page = signed_in(ruth).get(f"/conversations/{row.pk}/?at=25", secure=True).content.decode()
    before, _mark, after = page.partition('id="found-mark"')
    assert "number 24 of them" in before
    assert "number 4 of them" not in before
    assert "number 25 of them" in after
    assert "number 30 of them" in after


def test_a_far_result_says_that_more_came_after_it(
    line: Line, ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.views.thread.ENTRIES_AROUND", 4)
    monkeypatch.setattr("messaging.views.thread.ENTRIES_BEFORE", 2)
    for number in range(1, 11):
        text_in(line, f"number {number} of them", MessageSid=sid(number))
    with in_center(line.center_id):
        row = Conversation.objects.get()
    page = signed_in(ruth).get(f"/conversations/{row.pk}/?at=5", secure=True).content.decode()
    assert "This is an earlier part of the conversation." in page
    assert "number 8 of them" not in page.partition('id="entries"')[2]
    assert "Write to her" not in page
    with in_center(line.center_id):
        mark = Conversation.objects.with_mark_of(ruth).get().my_mark
        assert mark is not None
        assert mark.sequence == 0, "what came before this part was not read either"
