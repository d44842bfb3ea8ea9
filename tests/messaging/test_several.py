"""Several at once: each by its own permission and lock, what changed meanwhile is said, and all of it can be undone."""

import html
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Membership, Role
from audit.events import Event
from audit.models import LogEntry
from messaging.models import Conversation, FollowUp, Line
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.cast import employ
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db


def written(line: Line, people: int) -> list[Conversation]:
    """So many have written once; nobody holds them."""
    for number in range(people):
        text_in(line, From=f"+1614555{number:04d}", MessageSid=sid(number))
    return now(line)


def now(line: Line) -> list[Conversation]:
    with in_center(line.center_id):
        return list(Conversation.objects.order_by("pk"))


@pytest.fixture
def five(line: Line) -> list[Conversation]:
    return written(line, 5)


def chosen(rows: Sequence[Conversation]) -> list[str]:
    return [f"{row.pk}~{row.sequence}~{row.assignee_id or ''}" for row in rows]


def do(browser: Browser, what: str, rows: Sequence[Conversation], **more: str) -> str:
    """What the page says afterwards, as one line."""
    answer = browser.post(f"/inbox/several/{what}/", {"chosen": chosen(rows), **more})
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def said(page: str) -> str:
    words = re.search(r'<p class="undo__words">(.*?)</p>', page, re.DOTALL)
    assert words is not None
    return " ".join(words.group(1).split())


def undo(browser: Browser, page: str) -> Any:
    kept = re.search(r'name="before" value="([^"]+)"', page)
    assert kept is not None, "there is nothing to undo"
    return browser.post("/inbox/several/undo/", {"before": html.unescape(kept.group(1))})


def holders(line: Line) -> list[Any]:
    return [row.assignee_id for row in now(line)]


def entries(event: Event) -> int:
    with in_platform():
        return LogEntry.objects.filter(event=event).count()


def state(line: Line) -> list[Any]:
    """All that the list and the follow-ups say of them."""
    owed = FollowUp.objects.open().order_by("pk")
    with in_center(line.center_id):
        rows = [(row.waiting_since, row.failed_at, row.snoozed_until, row.closed_at) for row in now(line)]
        return [rows, list(owed.values_list("pk", "owner", "kind", "settled_by", "outcome"))]


def test_the_list_offers_each_row_as_it_shows_it(five: list[Conversation], naomi: Membership) -> None:
    page = signed_in(naomi).get("/").content.decode()
    offered = re.findall(r'<input class="row__choice"[^>]*value="([^"]+)"', page)
    assert sorted(offered) == chosen(five)
    assert "row__choice" not in signed_in(naomi).get("/?view=done").content.decode()


def test_several_go_to_oneself_to_a_colleague_and_back_to_everybody_each_on_the_record(
    five: list[Conversation], line: Line, ruth: Membership, naomi: Membership
) -> None:
    browser = signed_in(ruth)
    assert said(do(browser, "give", five, to="me")) == "5 are yours now."
    assert holders(line) == [ruth.staff_id] * 5
    assert said(do(browser, "give", now(line)[:3], to=str(naomi.pk))) == "3 given to Naomi."
    assert holders(line) == [naomi.staff_id] * 3 + [ruth.staff_id] * 2
    assert said(do(browser, "give", now(line)[2:4], to="everybody")) == "2 went back to everybody."
    assert holders(line) == [naomi.staff_id, naomi.staff_id, None, None, ruth.staff_id]
    assert [entries(event) for event in (Event.TAKEN, Event.ASSIGNED, Event.UNASSIGNED)] == [5, 3, 2]
    with in_center(line.center_id):
        owners = FollowUp.objects.open().order_by("conversation").values_list("owner", flat=True)
        assert list(owners) == holders(line), "what is owed goes with it"


def test_who_gives_her_own_away_takes_them_back_though_she_sees_them_no_more(
    five: list[Conversation], line: Line, naomi: Membership, ruth: Membership
) -> None:
    browser = signed_in(naomi)
    do(browser, "give", five[:2], to="me")
    before = holders(line)
    page = do(browser, "give", now(line)[:3], to=str(ruth.pk))
    assert browser.get(f"/conversations/{five[0].pk}/").status_code == 404, "or this proves nothing"
    assert said(undo(browser, page).content.decode()) == "Taken back: 3 are as they were."
    assert holders(line) == before


def test_closing_several_asks_for_one_outcome_and_undone_everything_is_owed_as_before(
    five: list[Conversation], line: Line, naomi: Membership
) -> None:
    with in_center(line.center_id):
        Conversation.objects.filter(pk=five[1].pk).update(failed_at=timezone.now())
        resting = {"waiting_since": None, "snoozed_until": timezone.now() + timedelta(days=1)}
        Conversation.objects.filter(pk=five[2].pk).update(**resting)
    browser, before = signed_in(naomi), state(line)
    refused = browser.post("/inbox/several/close/", {"chosen": chosen(five)})
    assert (refused.status_code, state(line)) == (422, before), "she spoke last: none ends without an outcome"
    page = do(browser, "close", five, outcome="answered")
    assert said(page) == "5 closed."
    assert all(row.closed_at and row.waiting_since is None for row in now(line))
    assert state(line)[1] == []
    assert said(undo(browser, page).content.decode()) == "Taken back: 5 are as they were."
    assert state(line) == before
    assert (entries(Event.CLOSED), entries(Event.REOPENED)) == (5, 5)


def test_what_changed_meanwhile_stays_as_it_is_and_is_said(
    five: list[Conversation], line: Line, naomi: Membership, ruth: Membership, mara: Membership
) -> None:
    do(signed_in(ruth), "give", five[:1], to="me")
    text_in(line, "one more thing", From="+16145550001", MessageSid=sid(99))
    do(signed_in(naomi), "close", five[2:3], outcome="spam")
    foreign = Conversation(pk=uuid7(), sequence=1)
    page = do(signed_in(naomi), "close", [*five, foreign], outcome="answered")
    assert said(page) == (
        "2 closed. 1 was taken by Ruth meanwhile. 1 has something new and is still open: please look at it first. "
        "1 was closed meanwhile. 1 is not yours to change any more."
    )
    assert [row.is_open for row in now(line)] == [True, True, False, False, False]
    assert "Naomi" not in do(signed_in(mara), "give", five, to="me"), "of another center nobody hears who holds what"
    assert holders(line) == [ruth.staff_id, None, None, None, None]


def test_a_supervisor_does_not_take_what_a_colleague_took_since_she_looked(
    five: list[Conversation], line: Line, naomi: Membership, ruth: Membership
) -> None:
    do(signed_in(naomi), "give", five[:2], to="me")
    assert said(do(signed_in(ruth), "give", five, to="me")) == "3 are yours now. 2 were taken by Naomi meanwhile."
    assert said(do(signed_in(ruth), "give", now(line)[:2], to="me")) == "2 are yours now.", "this time she saw it"


def test_only_who_did_it_undoes_it_within_a_minute_and_not_what_has_changed_since(
    five: list[Conversation], line: Line, naomi: Membership, ruth: Membership
) -> None:
    browser = signed_in(naomi)
    page = do(browser, "close", five, outcome="answered")
    closed = state(line)
    assert undo(signed_in(ruth), page).status_code == 422
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        late = undo(browser, page)
    assert (late.status_code, "too late" in late.content.decode()) == (422, True)
    assert browser.post("/inbox/several/undo/", {"before": "x"}).status_code == 422
    assert state(line) == closed
    text_in(line, "wait", From="+16145550000", MessageSid=sid(98))
    written_again = state(line)[0][0]
    answer = said(undo(browser, page).content.decode())
    assert answer == "Taken back: 4 are as they were. 1 has changed since and stays as it is."
    assert state(line)[0][0] == written_again
    again = said(undo(browser, page).content.decode())
    assert again == "Nothing was changed. 5 have changed since and stay as they are.", "once is all"


@pytest.mark.parametrize("many", ["none", "51", "twice", "x", "x~1~", "1~x~"])
def test_none_too_many_or_what_is_no_conversation_is_refused_with_a_sentence(
    line: Line, naomi: Membership, many: str
) -> None:
    (row,) = written(line, 1)
    rows = {"none": [], "51": [f"{uuid7()}~1~" for _ in range(51)], "twice": chosen([row, row])}
    answer = signed_in(naomi).post("/inbox/several/give/", {"chosen": rows.get(many, [many]), "to": "me"})
    assert said(answer.content.decode())
    assert answer.status_code == (200 if many == "twice" else 422)
    assert holders(line) == [naomi.staff_id if many == "twice" else None]


def test_several_go_to_nobody_who_works_elsewhere_or_not_with_conversations(
    five: list[Conversation], line: Line, ruth: Membership, mara: Membership
) -> None:
    auditor = employ(line.center, "Aviva", Role.AUDITOR)
    for to in (mara, auditor):
        answer = signed_in(ruth).post("/inbox/several/give/", {"chosen": chosen(five), "to": str(to.pk)})
        assert (answer.status_code, "from the list" in answer.content.decode()) == (422, True)
    assert holders(line) == [None] * 5
