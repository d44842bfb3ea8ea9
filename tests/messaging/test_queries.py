"""What a page costs does not grow with what it shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from encryption.cache import KEYS
from encryption.keystore import create_epoch_key
from messaging.actions.client_card import set_tag
from messaging.actions.notes import write_note
from messaging.actions.tags import add_tag
from messaging.models import Conversation, Line
from messaging.views import listing
from tenancy import trips
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db

MOST = 12


def _asked(queries: CaptureQueriesContext) -> list[str]:
    """The queries of the page. Inside a test's own transaction each scope is a savepoint and is taken back."""
    sql = [str(query["sql"]) for query in queries]
    own = ("SAVEPOINT", "RELEASE", "SELECT set_config('quietline.center', ''")
    return [statement for statement in sql if not statement.startswith(own)]


def _texts(line: Line, people: int, each: int) -> None:
    for person in range(people):
        for number in range(each):
            text_in(line, From=f"+1614555{person:04d}", MessageSid=sid(person * 1000 + number))


def test_a_list_costs_twelve_queries_with_all_that_it_can_show_and_no_key_in_memory(
    line: Line, ruth: Membership, naomi: Membership
) -> None:
    """Tags, holders, a mention, a view of one's own; without its frame it costs one less. One more fails here."""
    _texts(line, people=12, each=1)
    with in_center(line.center_id):
        tag = add_tag(line.center, "needs a ride")
        Conversation.objects.update(assignee=naomi.staff_id)
        for row in Conversation.objects.all():
            set_tag(row, tag, on=True, by=ruth)
            write_note(row, by=naomi, body="@Ruth", client_key=uuid7(), mentioned={ruth.staff_id})
    client = signed_in(ruth)
    client.post("/inbox/views/", {"name": "Mine", "address": "view=open"})
    costs = {}
    for path in ("/", "/inbox/list/"):
        client.get(path)
        KEYS.clear()
        with CaptureQueriesContext(connection) as queries:
            page = client.get(path).content.decode()
        assert page.count("needs a ride") >= 12
        assert page.count("data-mention") == 12
        asked = _asked(queries)
        costs[path] = len(asked)
    assert costs == {"/": MOST, "/inbox/list/": MOST - 1}, "\n".join(sql[:200] for sql in asked)


def test_follow_ups_cost_eight_queries_however_many_there_are(line: Line, ruth: Membership) -> None:
    _texts(line, people=12, each=1)
    client = signed_in(ruth)
    client.get("/follow-ups/")
    KEYS.clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/follow-ups/").status_code == 200
    asked = _asked(queries)
    assert len(asked) == 8, "\n".join(sql[:200] for sql in asked)


def test_a_list_that_is_narrowed_by_all_there_is_costs_two_queries_more(
    line: Line, ruth: Membership, naomi: Membership
) -> None:
    """The names of a colleague, a line and a tag are looked up for what says that it is narrowed by them."""
    _texts(line, people=12, each=1)
    with in_center(line.center_id):
        Conversation.objects.update(assignee=naomi.staff_id, waiting_since=timezone.now() - timedelta(days=9))
        tag = add_tag(line.center, "needs a ride")
        for row in Conversation.objects.all():
            set_tag(row, tag, on=True, by=ruth)
    client = signed_in(ruth)
    path = f"/?view=open&holder={naomi.staff_id}&line={line.pk}&tag={tag.pk}&state=new&language=en&waited=15"
    client.post("/inbox/views/", {"name": "Mine", "address": path[2:]})
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path).content.decode()
    assert "Mine" in page
    assert page.count("data-row") == 12
    asked = _asked(queries)
    assert len(asked) <= MOST + 2, "\n".join(sql[:200] for sql in asked)


def test_a_row_of_the_list_asks_nothing_of_its_own(
    line: Line, ruth: Membership, naomi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no key in memory, clients who have names, some under an older key than their words, and several holders."""
    _texts(line, people=12, each=1)
    with in_center(line.center_id):
        for number, row in enumerate(Conversation.objects.select_related("client", "epoch__number").order_by("pk")):
            row.client.name = f"Dana{number}"
            if number % 3 == 0:
                row.client.epoch = uuid7()
                create_epoch_key(line.center_id, row.client.epoch)
            row.client.save()
            row.assignee = (ruth.staff, naomi.staff, None)[number % 3]
            row.save()
    client, asked = signed_in(ruth), []
    client.get("/")
    for size in (2, 12):
        monkeypatch.setattr(listing, "ROWS_A_PAGE", size)
        KEYS.clear()
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/inbox/list/?view=open").content.decode()
        assert page.count("· …") >= size
        asked.append(_asked(queries))
    assert len(asked[0]) == len(asked[1]), "\n".join(sql[:200] for sql in asked[1])


@pytest.mark.parametrize("path", ["", "entries/?after=1"])
def test_a_thread_costs_at_most_twelve_queries_however_long_it_is(line: Line, ruth: Membership, path: str) -> None:
    _texts(line, people=1, each=8)
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
    client = signed_in(ruth)
    address = f"/conversations/{conversation.pk}/{path}"
    client.get(address, headers={"HX-Request": "true"})
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 200
    asked = _asked(queries)
    assert len(asked) <= MOST, "\n".join(sql[:200] for sql in asked)


def test_a_text_in_an_old_conversation_asks_once_and_writes_once(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    _texts(line, people=1, each=3)
    sent: list[str] = []
    monkeypatch.setattr(trips, "_sent", _noting(sent, trips._sent))
    with CaptureQueriesContext(connection) as queries:
        text_in(line, From="+16145550000", MessageSid=sid(77))
    assert _asked(queries) == []
    assert [statement.split()[0] for statement in sent] == ["SELECT", "WITH"]


def _noting(sent: list[str], send: Any) -> Any:
    def noted(statement: trips.Statement) -> Any:
        sent.append(statement.sql)
        return send(statement)

    return noted
