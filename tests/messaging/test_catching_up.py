"""A page catches up step by step: nothing is left out, and nothing is answered as if all had been seen."""

import re
from typing import Any

import pytest

from accounts.models import Membership
from messaging.models import Conversation, Line
from messaging.views import thread
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in
from tests.messaging.conftest import Reply, fresh

pytestmark = pytest.mark.django_db
SAID = 12


@pytest.fixture
def long(line: Line, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    """A conversation of more entries than an answer holds."""
    monkeypatch.setattr(thread, "ENTRIES_A_PAGE", 4)
    monkeypatch.setattr(thread, "ENTRIES_AROUND", 4)
    monkeypatch.setattr(thread, "ENTRIES_BEFORE", 2)
    for number in range(1, SAID + 1):
        text_in(line, f"number {number}.", MessageSid=sid(number))
    with in_center(line.center_id):
        return Conversation.objects.get()


def numbers_in(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"number (\d+)\.", page.rpartition('id="entries"')[2])]


def marks_in(page: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r'data-(after|through|last)="(\d+)"', page)}


def read_by(member: Membership, row: Conversation) -> int:
    with in_center(row.center_id):
        mark = Conversation.objects.with_mark_of(member).get(pk=row.pk).my_mark
        return mark.sequence if mark else 0


def last_sequence_in(page: str) -> int:
    found = re.search(r'name="last_sequence" value="(\d+)"', page)
    assert found
    return int(found[1])


def get(desk: Any, row: Conversation, path: str) -> str:
    return str(
        desk.get(f"/conversations/{row.pk}/{path}", headers={"HX-Request": "true"}, secure=True).content.decode()
    )


def test_what_is_asked_for_after_a_number_begins_there_and_says_how_far_it_goes(
    long: Conversation, naomi: Membership
) -> None:
    desk, seen, shown = signed_in(naomi), 0, []
    while seen < SAID:
        page = get(desk, long, f"entries/?after={seen}")
        assert marks_in(page) == {"after": seen, "through": min(seen + 4, SAID), "last": SAID}
        seen, shown = seen + 4, shown + numbers_in(page)
        assert read_by(naomi, long) == min(seen, SAID), "what was shown counts as read, and nothing more"
    assert shown == list(range(1, SAID + 1))


@pytest.mark.parametrize("path", ["entries/?after=10", "?at=6", "?before=9"])
def test_whoever_looks_behind_a_gap_has_not_read_what_lies_in_it(
    long: Conversation, naomi: Membership, path: str
) -> None:
    assert numbers_in(get(signed_in(naomi), long, path))
    assert read_by(naomi, long) == 0


def test_what_is_new_is_shown_from_its_first_entry_on(
    long: Conversation, naomi: Membership, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread, "ENTRIES_AROUND", 9)
    desk = signed_in(naomi)
    assert numbers_in(get(desk, long, "")) == [9, 10, 11, 12], "to somebody who never looked all of it is new"
    for number in range(SAID + 1, SAID + 7):
        text_in(line, f"number {number}.", MessageSid=sid(number))
    page = get(desk, long, "")
    assert numbers_in(page) == list(range(SAID - 1, SAID + 7)), "six are new, and two before them"
    assert page.index("number 12.") < page.index("New since you looked") < page.index("number 13.")
    assert "<message-composer" in page
    assert read_by(naomi, long) == SAID + 6


def test_of_very_much_that_is_new_the_end_is_shown(long: Conversation, naomi: Membership, line: Line) -> None:
    desk = signed_in(naomi)
    get(desk, long, "")
    for number in range(SAID + 1, SAID + 7):
        text_in(line, f"number {number}.", MessageSid=sid(number))
    page = get(desk, long, "")
    assert numbers_in(page) == list(range(SAID + 3, SAID + 7))
    assert "New since you looked" in page
    assert "<message-composer" in page


def test_an_earlier_part_says_so_offers_the_latest_and_takes_no_words(long: Conversation, naomi: Membership) -> None:
    for path in ("?at=6", "?before=9"):
        page = get(signed_in(naomi), long, path)
        assert "This is an earlier part of the conversation." in page
        assert "Jump to latest" in page
        assert "<message-composer" not in page
        assert 'hx-trigger="bell"' not in page.partition('id="entries"')[2].partition(">")[0]
    assert "This is an earlier part" not in get(signed_in(naomi), long, "")


def test_an_answer_to_an_earlier_part_brings_what_came_after_it_and_lets_nobody_write_past_a_gap(
    long: Conversation, naomi: Membership, reply: Reply, line: Line
) -> None:
    desk = signed_in(naomi)
    with in_center(long.center_id):
        long.refresh_from_db()
    message = reply(naomi, "I am here")
    page = desk.post(f"/messages/{message.pk}/undo/", {"seen": "7"}, secure=True).content.decode()
    assert numbers_in(page) == [8, 9, 10, 11]
    assert last_sequence_in(page) == 11
    written = {"body": "Hello", "last_sequence": "11", "key": str(uuid7())}
    answer = desk.post(f"/conversations/{long.pk}/replies/", written, secure=True)
    assert answer.status_code == 409
    assert "number 12." in answer.content.decode()
    assert fresh(message).status == "undone"


def test_a_note_brings_what_came_before_it_and_was_not_shown_yet(long: Conversation, naomi: Membership) -> None:
    desk = signed_in(naomi)
    get(desk, long, "")
    written = {"body": "She will call", "key": str(uuid7()), "seen": str(SAID - 2)}
    page = desk.post(f"/conversations/{long.pk}/notes/", written, secure=True).content.decode()
    assert numbers_in(page) == [SAID - 1, SAID]
    assert "She will call" in page
    assert marks_in(page) == {"after": SAID - 2, "through": SAID + 1, "last": SAID + 1}
    assert last_sequence_in(page) == SAID + 1
    assert read_by(naomi, long) == SAID + 1, "her own words are not news to her"
