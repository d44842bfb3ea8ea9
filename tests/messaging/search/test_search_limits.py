"""What a search may not do: give a number away, hold a processor, or say that it looked where it did not."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Membership
from messaging.actions.assignment import assign
from messaging.actions.closing import close, reopen
from messaging.actions.search import stretches
from messaging.models import Conversation, Line, Outcome
from messaging.views import search
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in
from tests.messaging.search.asking import PARTS, ask, begin, found, go_on, put_together, rows_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request looks at one conversation."""
    monkeypatch.setattr(search, "FIRST_SECONDS", 0)
    monkeypatch.setattr(search, "SECONDS", 0)


def test_a_number_that_one_may_not_see_cannot_be_guessed_digit_by_digit(
    four: list[Conversation], line: Line, naomi: Membership, ruth: Membership
) -> None:
    put_together(line)
    parts = ["02", "002", "50002", "550002", "5550002", "45550002", "614555", "16145550", "6145550"]
    whole = ["0002", "6145550002", "16145550002", "+1 (614) 555-0002"]
    client = signed_in(naomi)
    assert {part: found(client, part) for part in parts} == {part: [] for part in parts}
    assert {number: found(client, number) for number in whole} == {number: [four[1].pk] for number in whole}
    with in_center(line.center_id):
        assign(four[1], to=naomi, by=ruth)
    assert {part: found(client, part) for part in parts} == {part: [four[1].pk] for part in parts}


SAID_WITH = {
    "on 12/05/2026 at five": ["12/05", "12.05", "12/05/2026", "12.05.2026", "12 05 2026"],
    "my sister: 555-1234": ["555-1234", "5551234", "555 1234", "sister 555-1234"],
    "or 614.555.7788, he says": ["614-555-7788", "(614) 555-7788", "+1 614 555 7788", "555-77"],
}


@pytest.mark.parametrize("together", [True, False], ids=["put together", "not yet"])
def test_dates_and_numbers_in_a_text_are_found_however_they_are_written(
    line: Line, ruth: Membership, together: bool
) -> None:
    for number, words in enumerate(SAID_WITH):
        text_in(line, words, From=f"+1740222{number:04d}", MessageSid=sid(number))
    with in_center(line.center_id):
        rows = list(Conversation.objects.order_by("pk"))
        Conversation.objects.update(last_entry_at=timezone.now() - timedelta(hours=1))
    if together:
        put_together(line)
    client = signed_in(ruth)
    asked = {words: row.pk for row, many in zip(rows, SAID_WITH.values(), strict=True) for words in many}
    assert {words: found(client, words) for words in asked} == {words: [pk] for words, pk in asked.items()}
    assert "<mark>614.555.7788</mark>" in ask(client, "(614) 555-7788")


@pytest.mark.parametrize("day", [{"until": "9999-12-31"}, {"since": "0001-01-01"}, {"until": "1999-12-31"}])
def test_a_day_outside_of_this_century_is_refused_in_words(ruth: Membership, day: dict[str, str]) -> None:
    answer = signed_in(ruth).post("/search/results/", {"words": "tuesday", **day}, headers=PARTS, secure=True)
    assert answer.status_code == 422
    assert "Please give a day between 2000 and 2099. Nothing was searched." in answer.content.decode()


def test_a_request_ends_when_its_time_is_over_wherever_it_is(
    four: list[Conversation], ruth: Membership, by_one: None
) -> None:
    assert "Looked at 1 of 4." in begin(signed_in(ruth), "614555")


@pytest.mark.parametrize("limit", ["SLICE", "MOST_BEHIND"])
def test_few_texts_are_in_memory_together(
    four: list[Conversation], line: Line, ruth: Membership, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    together: list[int] = []

    def slices(rows: Any) -> Iterator[Any]:
        for some in found_slices(rows):
            together.append(len(some))
            yield some

    found_slices = stretches._slices
    monkeypatch.setattr(stretches, "_slices", slices)
    monkeypatch.setattr(stretches, limit, 1)
    assert len(found(signed_in(ruth), "614555")) == 4
    assert together == [1, 1, 1, 1]


def test_a_newer_search_ends_the_older_one_until_somebody_takes_it_up_again(
    four: list[Conversation], ruth: Membership, naomi: Membership, by_one: None
) -> None:
    client, colleague = signed_in(ruth), signed_in(naomi)
    older, hers = begin(client, "614555"), begin(colleague, "0001")
    newer = begin(client, "tuesday")
    ended = go_on(client, older, "614555")
    assert "because you began another search" in ended
    assert 'data-state="ended"' in ended
    assert rows_in(ended) == []
    assert "Looked at 2 of 4" in go_on(client, newer, "tuesday")
    assert "Looked at 2 of 4" in go_on(colleague, hers, "0001"), "a colleague's search is her own"
    taken_up = go_on(client, ended, "614555", by_hand="1")
    assert "Looked at 2 of 4" in taken_up
    assert len(rows_in(taken_up)) == 1
    assert "because you began another search" in go_on(client, newer, "tuesday")


def test_what_comes_later_goes_into_the_list_of_its_own_search(
    four: list[Conversation], ruth: Membership, by_one: None
) -> None:
    client = signed_in(ruth)
    pages = [begin(client, "614555"), begin(client, "614555")]
    lists = [re.findall(r'<ol id="(search-hits-[^"]+)"', page) for page in pages]
    assert lists[0] != lists[1]
    assert f'hx-target="#{lists[1][0]}"' in go_on(client, pages[1], "614555")


def test_what_moves_while_a_search_runs_is_looked_at_and_found_once(
    four: list[Conversation], line: Line, ruth: Membership, by_one: None
) -> None:
    """The newest one was looked at when she writes again; the oldest one was not, and one is closed before its turn."""
    client = signed_in(ruth)
    page = begin(client, "614555")
    for number in (4, 1):
        text_in(line, "again", From=f"+1614555{number:04d}", MessageSid=sid(10 + number))
    with in_center(line.center_id):
        close(four[1], outcome=Outcome.CALL, by=ruth)
    rows = rows_in(page)
    while page := go_on(client, page, "614555"):
        rows += rows_in(page)
        last = page
    assert rows == [four[3].pk, four[2].pk, four[0].pk, four[1].pk]
    assert "4 conversations found. Everything was looked at" in last


def test_what_is_opened_again_or_goes_while_it_is_looked_at_breaks_nothing(
    four: list[Conversation], line: Line, ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_center(line.center_id):
        for row in four:
            close(row, outcome=Outcome.CALL, by=ruth)
    opened = stretches.open_many

    def meanwhile(*given: Any) -> Any:
        with in_center(line.center_id):
            reopen(four[3], by=ruth)
        return opened(*given)

    monkeypatch.setattr(stretches, "open_many", meanwhile)
    for name in ("FIRST_BATCH", "BATCH"):
        monkeypatch.setattr(stretches, name, 1)
    assert found(signed_in(ruth), "614555") == [row.pk for row in reversed(four)]


def test_an_entry_that_cannot_be_opened_says_so_and_not_that_her_name_was_found(
    four: list[Conversation], line: Line, ruth: Membership
) -> None:
    put_together(line)
    with in_center(line.center_id), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_message SET body = set_byte(body, 70, 7) WHERE conversation_id = %s", [four[0].pk]
        )
    page = ask(signed_in(ruth), "tuesday")
    assert rows_in(page) == [four[0].pk]
    assert "This cannot be opened." in page
    assert "Found in her name, her number or her tags." not in page
    assert "Found in her name, her number or her tags." in ask(signed_in(ruth), "0002")


def test_a_search_without_scripts_goes_on_by_its_button(
    four: list[Conversation], ruth: Membership, by_one: None
) -> None:
    client: Browser = signed_in(ruth)
    page = client.post("/search/results/", {"words": "614555"}, secure=True).content.decode()
    place = re.search(r'name="place" value="([^"]+)"', page)
    assert place
    sent = {"words": "614555", "place": place[1], "by_hand": "1"}
    page = client.post("/search/more/", sent, secure=True).content.decode()
    assert "<h1>" in page
    assert rows_in(page) == [four[2].pk]
