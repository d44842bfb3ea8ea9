"""Another center's ids are no ids at all; a colleague's conversation is none of a specialist's business."""

import re
from collections import defaultdict
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import sessions
from accounts.models import Center, Membership, Role
from messaging.actions.lines import add_line
from messaging.models import Conversation, Line
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.accounts.tables import all_rows
from tests.accounts.worlds import COLLEAGUES, FOREIGN, GUARDED, Worlds, address_of, body_of, expected_of, kind_of
from tests.doors import ACCOUNT, LINE_NUMBER, TOKEN, sid, signed_in, text_in

pytestmark = pytest.mark.django_db

WITH_IDS = [one for one in GUARDED if kind_of(str(one.name))]
OF_THE_MOMENT = {"X-Request-Id", "Content-Security-Policy"}  # the latter for its nonce
LAST_HERE = frozenset({"django_session"})


def _answer(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    """All of it that does not differ from one time to the next."""
    body = re.sub(rb'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"', b"", answer.content)
    return answer.status_code, body, {name: value for name, value in answer.items() if name not in OF_THE_MOMENT}


def test_a_foreign_id_is_the_same_as_no_id_everywhere_and_changes_nothing(
    worlds: Worlds, staff: dict[str, Membership], record_property: Any
) -> None:
    theirs, nobodys = worlds("admin")[FOREIGN], defaultdict[str, Any](uuid4)
    browser, before = signed_in(staff["admin"]), all_rows(but=LAST_HERE)
    for pattern in WITH_IDS:
        body, there = body_of(str(pattern.name), theirs), address_of(pattern, theirs)
        for ask, more in ((browser.get, {}), (browser.post, body)):
            answer = _answer(ask(there, more))
            assert answer == _answer(ask(address_of(pattern, nobodys), more)), pattern.name
            assert answer[0] in (404, 405), pattern.name
    record_property("cases", 4 * len(WITH_IDS))
    assert all_rows(but=LAST_HERE) == before
    browser.post("/settings/", body_of("settings", theirs))
    assert all_rows(but=LAST_HERE) != before, "the look at the tables finds what changes"


def _statements(ask: Any, address: str, body: dict[str, Any]) -> list[str]:
    """What the database is asked, without the values."""
    with CaptureQueriesContext(connection) as asked:
        ask(address, body)
    return [re.sub(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bs\d+_x\d+\b", "?", one["sql"]) for one in asked]


@pytest.mark.parametrize(("role", "whose"), [(Role.ADMIN, FOREIGN), (Role.SPECIALIST, COLLEAGUES)])
def test_what_is_not_hers_asks_the_database_exactly_what_an_id_of_nothing_asks(
    worlds: Worlds,
    staff: dict[str, Membership],
    role: Role,
    whose: str,
    record_property: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same statements and no more: how long a 404 takes tells nobody which ids exist (AUTHZ-03)."""
    theirs, nobodys, cases = worlds(role)[whose], defaultdict[str, Any](uuid4), 0
    browser = signed_in(staff[role])
    browser.get("/settings/")  # the first request of a session notes from where it comes, and then one a minute
    monkeypatch.setattr(sessions, "NOTE_USE_EVERY", 10**6)
    for pattern in WITH_IDS:
        name = str(pattern.name)
        if expected_of(role, name, whose) != "gone":
            continue
        for ask, more in ((browser.get, {}), (browser.post, body_of(name, theirs))):
            hidden = _statements(ask, address_of(pattern, theirs), more)
            assert hidden == _statements(ask, address_of(pattern, nobodys), more), name
            cases += 1
    record_property("cases", cases)
    assert cases > 40


def test_the_comparison_of_statements_would_notice_one_that_is_asked_for_what_exists(
    worlds: Worlds, staff: dict[str, Membership]
) -> None:
    hers, browser = worlds(Role.SPECIALIST), signed_in(staff[Role.SPECIALIST])
    seen = _statements(browser.get, f"/conversations/{hers['her own']['conversation']}/", {})
    assert seen != _statements(browser.get, f"/conversations/{uuid4()}/", {})


@pytest.fixture
def foreign(other_center: Center) -> object:
    """A conversation of another center."""
    line = add_line(other_center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
    text_in(line, "not for you", MessageSid=sid(9))
    with in_center(other_center.pk):
        return Conversation.objects.get().pk


def test_a_list_shows_nothing_of_another_center(ruth: Membership, foreign: object) -> None:
    page = signed_in(ruth).get("/?view=open").content.decode()
    assert "not for you" not in page
    assert str(foreign) not in page


def test_a_specialist_sees_what_is_hers_and_what_nobody_holds(line: Line, naomi: Membership, ruth: Membership) -> None:
    text_in(line, "held by ruth")
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
    address = f"/conversations/{conversation.pk}/"
    specialist = signed_in(naomi)
    assert specialist.get(address).status_code == 200
    signed_in(ruth).post(address + "take/")
    assert specialist.get(address).status_code == 404
    assert specialist.post(address + "replies/", {"body": "x", "last_sequence": 1, "key": uuid7()}).status_code == 404
    assert "held by ruth" not in specialist.get("/?view=open").content.decode()
    assert "held by ruth" not in specialist.get("/follow-ups/").content.decode()
