"""Which rows a view of the list holds, in which order, page by page; and that no page reads what it does not show."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import psycopg
import pytest
from django.utils import timezone

from accounts.models import Center, Membership
from messaging.models import Conversation, ConversationQuerySet, FollowUp, Line
from messaging.views import follow_ups, listing
from messaging.views.listing import VIEWS, counts, rows_of
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.databases import clone, drop
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def nine(line: Line, naomi: Membership, ruth: Membership) -> list[Conversation]:
    """Nine that wait, the longest first: in turn naomi's, nobody's and ruth's; two of each kind at the same moment."""
    for number in range(9):
        text_in(line, From=f"+1614555{number:04d}", MessageSid=sid(number))
    began = timezone.now() - timedelta(hours=9)
    with in_center(line.center_id):
        rows = list(Conversation.objects.order_by("created_at", "pk"))
        for number, row in enumerate(rows):
            row.assignee_id = (naomi.staff_id, None, ruth.staff_id)[number % 3]
            row.waiting_since = row.failed_at = row.last_entry_at = began + timedelta(minutes=number // 2)
            row.save()
    return rows


def _walked(view: str, member: Membership) -> list[Conversation]:
    """Every row of a view, page after page."""
    found, after = list[Conversation](), ""
    while True:
        page, after = rows_of(view, Conversation.objects.visible_to(member), member, after)
        found += page
        if not after:
            return found


@pytest.mark.parametrize("view", ["waiting", "open", "failed", "mine", "unassigned"])
@pytest.mark.parametrize("rows_a_page", [1, 2, 50])
def test_page_by_page_everybody_sees_all_that_is_hers_to_see_once_and_in_order(
    nine: list[Conversation],
    naomi: Membership,
    ruth: Membership,
    view: str,
    rows_a_page: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "ROWS_A_PAGE", rows_a_page)
    column, descends = VIEWS[view].order.lstrip("-"), VIEWS[view].order.startswith("-")
    with in_center(naomi.center_id):
        for member in (naomi, ruth):
            expected = [row for row in nine if member.sees_all or row.assignee_id in (None, member.staff_id)]
            if view == "mine":
                expected = [row for row in nine if row.assignee_id == member.staff_id]
            if view == "unassigned":
                expected = [row for row in nine if row.assignee_id is None]
            expected.sort(key=lambda row: (getattr(row, column), row.pk), reverse=descends)
            assert _walked(view, member) == expected


@pytest.fixture
def beside() -> Iterator["psycopg.Connection[Any]"]:
    """A superuser in a second database, whose statistics no other test moves."""
    database = clone(f"beside_{uuid7().hex}")
    with psycopg.connect(database.dsn_superuser, autocommit=True) as connection:
        yield connection
    drop(database)


@pytest.mark.parametrize("view", ["waiting", "failed"])
def test_of_what_colleagues_hold_nothing_is_read_however_much_it_is(
    beside: "psycopg.Connection[Any]", naomi: Membership, ruth: Membership, view: str
) -> None:
    """Counted row by row, behind two thousand of a colleague; without the index of the free ones all are read."""
    order = VIEWS[view].order
    rows = VIEWS[view].of(Conversation.objects.visible_to(naomi), naomi)
    first = rows.order_by(order, "-id" if order.startswith("-") else "id").first_for(naomi, 51)
    beside.execute("SET session_replication_role = replica")  # conversations about nothing, with nobody, will do
    for holder, many in ((ruth.staff_id, 2000), (naomi.staff_id, 1), (None, 1)):
        beside.execute(HELD_BY, {"center": naomi.center_id, "holder": holder, "many": many})
    beside.execute("VACUUM ANALYZE messaging_conversation")
    assert _read(beside, first) <= 4, "hers and the free one, each found and then fetched"
    beside.execute(f"DROP INDEX free_{view}")
    assert _read(beside, first) > 2000, "or this proves nothing"


HELD_BY = """
    INSERT INTO messaging_conversation (id, center_id, client_id, epoch_id, line_id, assignee_id, sequence, last_call,
        last_entry_at, created_at, waiting_since, failed_at)
    SELECT gen_random_uuid(), %(center)s, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), %(holder)s, 1, '',
        now(), now(), now(), now()
    FROM generate_series(1, %(many)s)
"""


def _read(database: "psycopg.Connection[Any]", rows: ConversationQuerySet) -> int:
    """How many conversations PostgreSQL looks at for these, kept and thrown away together."""
    sql, values = rows.query.sql_with_params()
    explained = database.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values).fetchone()
    assert explained is not None
    return _looked_at(explained[0][0]["Plan"])


def _looked_at(node: dict[str, Any]) -> int:
    below = sum(_looked_at(child) for child in node.get("Plans", []))
    if "Relation Name" not in node:
        return below
    return below + round(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)))


def test_every_follow_up_is_shown_once_page_by_page(
    nine: list[Conversation], ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each text is owed an answer; more than a page of them must not hide the rest."""
    monkeypatch.setattr(follow_ups, "SHOWN", 4)
    client, address, shown = signed_in(ruth), "/follow-ups/", list[str]()
    while address:
        page = client.get(address).content.decode()
        found = re.findall(r"/follow-ups/([0-9a-f-]{36})/settle/", page)
        assert len(found) <= 4
        shown += found
        more = re.search(r'href="(/follow-ups/\?after=[^"]+)"', page)
        address = html.unescape(more.group(1)) if more else ""
    with in_center(ruth.center_id):
        assert shown == [str(row.pk) for row in FollowUp.objects.open().order_by("due_at", "pk")]
    assert len(shown) == 9


def test_whoever_settles_on_a_later_page_stays_there_and_then_sees_what_is_left(
    nine: list[Conversation], ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_ups, "SHOWN", 7)
    client = signed_in(ruth)
    more = re.search(r'href="(/follow-ups/\?after=[^"]+)"', client.get("/follow-ups/").content.decode())
    assert more is not None
    second = html.unescape(more.group(1))
    page = client.get(second).content.decode()
    assert "Back to the most urgent" in page
    after = html.unescape(re.findall(r'name="after" value="([^"]+)"', page)[0])
    left = re.findall(r"/follow-ups/([0-9a-f-]{36})/settle/", page)
    assert len(left) == 2
    for pk in left:
        posted = {"outcome": "done", "return": "list", "after": after}
        answer = client.post(f"/follow-ups/{pk}/settle/", posted)
        assert unquote(answer["Location"]) == unquote(second)
    answer = client.get(second)
    assert answer["Location"] == "/follow-ups/", "seven are still owed, so it must not say that nothing is"
    assert "Back to the most urgent" not in client.get("/follow-ups/").content.decode()


@pytest.mark.parametrize("after", ["x", "~", "2026-01-01~1", "2026-01-01T00:00:00Z~x", "9999-12-31T23:59:59-23:59~1"])
@pytest.mark.parametrize("path", ["/follow-ups/?after=", "/?view=open&after="])
def test_a_place_that_is_none_is_an_address_that_does_not_exist(ruth: Membership, path: str, after: str) -> None:
    assert signed_in(ruth).get(path + quote(after)).status_code == 404


@pytest.mark.parametrize(("shown", "rows"), [("", 2), ("5", 5), ("400", 6)])
def test_a_list_that_fetches_itself_anew_keeps_the_rows_it_shows_up_to_a_limit(
    nine: list[Conversation], ruth: Membership, shown: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "ROWS_A_PAGE", 2)
    monkeypatch.setattr(listing, "MOST_AGAIN", 6)
    page = signed_in(ruth).get(f"/inbox/list/?view=waiting&shown={shown}").content.decode()
    assert re.findall(r'data-row="([^"]+)"', page) == [str(row.pk) for row in nine[:rows]]
    assert "Show more" in page


def test_counts_are_of_what_she_may_see(nine: list[Conversation], naomi: Membership, ruth: Membership) -> None:
    with in_center(naomi.center_id):
        FollowUp.objects.update(due_at=timezone.now())
        for row in nine:
            row.follow_ups.update(owner=row.assignee_id)
        hers = counts(Conversation.objects.visible_to(naomi), naomi)
        all_of_them = counts(Conversation.objects.visible_to(ruth), ruth)
    assert hers == {"waiting": 6, "mine": 3, "unassigned": 3, "failed": 6, "due": 6, "mentioned": 0}
    assert all_of_them == {"waiting": 9, "mine": 3, "unassigned": 3, "failed": 9, "due": 9, "mentioned": 0}


def test_nobody_counts_further_than_ninety_nine(
    nine: list[Conversation], ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED", 5)
    with in_center(ruth.center_id):
        assert counts(Conversation.objects.visible_to(ruth), ruth)["waiting"] == 5
    monkeypatch.undo()
    monkeypatch.setattr("messaging.views.inbox.views_with_counts", lambda *_: [("waiting", "Waiting", 100)])
    assert "99+" in signed_in(ruth).get("/").content.decode()


def test_a_page_that_another_center_asks_for_holds_nothing(
    nine: list[Conversation], other_center: Center, mara: Membership
) -> None:
    with in_center(other_center.pk):
        assert _walked("waiting", mara) == []
