"""What narrows the list holds exactly what its rows say, stands in the address as ids, and is saved under a name."""

import html
import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Center, Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.client_card import set_tag
from messaging.actions.lines import add_line
from messaging.actions.tags import add_tag
from messaging.models import Conversation, Line, OpeningHours, SavedView
from messaging.views import listing
from messaging.views.listing import VIEWS
from tenancy.scope import in_center, in_platform
from tests.cast import ACCOUNT, TOKEN
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db
NAME = "Long waits in Spanish"


@pytest.fixture
def eight(line: Line, naomi: Membership, ruth: Membership) -> list[Conversation]:
    """One each of what two holders, two lines and two languages make; the first of each pair is read, or failed."""
    other = add_line(line.center, number="+16145550198", account_sid=ACCOUNT, auth_token=TOKEN)
    for number in range(8):
        text_in(line, From=f"+1614555{number:04d}", MessageSid=sid(number))
    with in_center(line.center_id):
        rows = list(Conversation.objects.order_by("pk"))
        for number, row in enumerate(rows):
            row.assignee_id = naomi.staff_id if number & 1 else None
            row.line = other if number & 2 else line
            row.client.language = "es" if number & 4 else "en"
            row.client.save()
            row.failed_at = row.waiting_since if number == 6 else None
            row.waiting_since = None if number in (5, 6) else row.waiting_since
            row.save()
    signed_in(ruth).get(f"/conversations/{rows[0].pk}/")
    signed_in(ruth).get(f"/conversations/{rows[3].pk}/")
    return rows


def shown(browser: Browser, address: str) -> list[str]:
    """The rows of a list, page after page, by following its own links."""
    found, after = list[str](), f"/?{address}"
    while after:
        page = browser.get(after).content.decode()
        found += re.findall(r'data-row="([^"]+)"', page)
        more = re.search(r'id="more-rows"\s+href="([^"]+)"', page)
        after = html.unescape(more.group(1)) if more else ""
    return found


def test_a_tag_narrows_the_list_by_its_id_and_says_its_name(eight: list[Conversation], ruth: Membership) -> None:
    browser = signed_in(ruth)
    with in_center(ruth.center_id):
        tag = add_tag(ruth.center, "needs a ride")
        for at in (2, 5):
            set_tag(eight[at], tag, on=True, by=ruth)
    address = f"view=open&tag={tag.pk}"
    assert sorted(shown(browser, address)) == sorted(str(eight[at].pk) for at in (2, 5))
    assert "needs a ride" in browser.get(f"/?view=done&tag={tag.pk}").content.decode()
    assert f'<option value="{tag.pk}"' in browser.get(f"/inbox/narrow/?{address}").content.decode()
    assert shown(browser, f"view=open&tag={eight[0].pk}") == [], "an id of something else is nobody's tag"
    assert browser.get("/?view=open&tag=ride").status_code == 404


def test_each_filter_holds_what_it_says_and_several_hold_what_all_of_them_say(
    eight: list[Conversation], ruth: Membership, naomi: Membership, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "ROWS_A_PAGE", 2)
    browser = signed_in(ruth)
    odd = f"holder={naomi.staff_id}"
    for address, expected in {
        "": [7, 6, 5, 4, 3, 2, 1, 0],
        odd: [7, 5, 3, 1],
        "holder=nobody": [6, 4, 2, 0],
        f"holder={ruth.staff_id}": [],
        f"line={line.pk}": [5, 4, 1, 0],
        "language=es": [7, 6, 5, 4],
        f"{odd}&line={line.pk}&language=en": [1],
    }.items():
        assert shown(browser, f"view=open&{address}") == [str(eight[at].pk) for at in expected], address
    own = signed_in(naomi)
    assert shown(own, f"view=open&{odd}") == [str(eight[at].pk) for at in (7, 5, 3, 1)]
    assert shown(own, "view=open&holder=nobody&language=es") == [str(eight[at].pk) for at in (6, 4)]
    do_not_see = eight[7].pk
    with in_center(line.center_id):
        Conversation.objects.filter(pk=do_not_see).update(assignee=ruth.staff_id)
    assert shown(own, f"view=open&holder={ruth.staff_id}") == [], "a filter shows nobody what she may not see"


def test_a_state_holds_the_rows_that_say_they_are_in_it(eight: list[Conversation], ruth: Membership) -> None:
    browser = signed_in(ruth)
    page = browser.get("/?view=open").content.decode()
    said = re.findall(r'<li class="row row--(\w+)"\s+id="row-([^"]+)"', page)
    assert {state for state, _ in said} == {"new", "seen", "waiting_on_her", "failed"}, "or this proves less"
    for state in ("new", "seen", "waiting_on_her", "failed"):
        expected = [pk for its, pk in said if its == state]
        assert shown(browser, f"view=open&state={state}") == expected, state


def test_how_long_she_has_waited_is_reckoned_in_open_hours(line: Line, ruth: Membership) -> None:
    """She wrote on Friday an hour before closing: on Saturday that is an hour, on Monday at ten it is two."""
    with in_center(line.center_id):
        OpeningHours.objects.all().delete()
        for day in range(5):
            OpeningHours.objects.create(center=line.center, weekday=day, opens=time(9), closes=time(17))
    with time_machine.travel(datetime.fromisoformat("2026-06-05T16:00-04:00"), tick=False):
        text_in(line)
    friday, saturday, monday = "2026-06-05T16:59", "2026-06-06T20:00", "2026-06-08T13:00"
    for now, expected in ((friday, [15]), (saturday, [15, 60]), (monday, [15, 60, 240])):
        with time_machine.travel(datetime.fromisoformat(f"{now}-04:00"), tick=False):
            browser = signed_in(ruth)
            assert [m for m in (15, 60, 240, 480) if shown(browser, f"view=open&waited={m}")] == expected, now


@pytest.mark.parametrize(
    "address", ["state=x", "language=fr", "waited=7", "holder=x", "line=x", "holder=%00", "view=open&state=asleep"]
)
def test_what_is_no_filter_is_an_address_that_does_not_exist(naomi: Membership, address: str) -> None:
    for path in ("/?", "/inbox/list/?", "/inbox/narrow/?"):
        assert signed_in(naomi).get(path + address).status_code == 404


def test_the_filters_stay_with_every_link_of_the_list_and_say_what_they_are(
    eight: list[Conversation], ruth: Membership, naomi: Membership
) -> None:
    address = f"view=open&holder={naomi.staff_id}&language=es"
    browser = signed_in(ruth)
    page = html.unescape(browser.get(f"/?{address}").content.decode())
    assert f'hx-get="/inbox/list/?{address}"' in page
    assert f'href="/conversations/{eight[7].pk}/?{address}"' in page
    chips = re.findall(r'class="chip" href="([^"]+)">\s*<span dir="auto">([^<]+)', page)
    assert chips == [
        ("/?view=open&language=es", "Held by: Naomi Tester"),
        (f"/?view=open&holder={naomi.staff_id}", "Español"),
    ]
    opened = html.unescape(browser.get(f"/conversations/{eight[7].pk}/?{address}").content.decode())
    assert f'href="/?{address}"' in opened, "and back"
    assert "Nothing fits" in browser.get(f"/?{address}&state=failed").content.decode()


def save(browser: Browser, name: str = NAME, address: str = "language=es&view=open&waited=60&line=") -> Any:
    return browser.post("/inbox/views/", {"name": name, "address": address})


def kept(center: Center) -> list[SavedView]:
    with in_center(center.pk):
        return list(SavedView.objects.filter(removed_at=None).order_by("created_at"))


def test_a_view_is_saved_renamed_removed_and_brought_back_by_its_owner_alone(
    center: Center, naomi: Membership, ruth: Membership
) -> None:
    browser, other = signed_in(naomi), signed_in(ruth)
    assert save(browser)["Location"] == "/?view=open&language=es&waited=60", "in one form only"
    (view,) = kept(center)
    page = browser.get("/?view=open&language=es&waited=60").content.decode()
    assert re.search(rf'aria-current="page">\s*<svg.*?{NAME}', page, re.DOTALL)
    assert NAME not in other.get("/?view=open&language=es&waited=60").content.decode()
    for what in ("name", "remove", "back"):
        assert other.post(f"/inbox/views/{view.pk}/{what}/", {"name": "Hers"}).status_code == 404
    browser.post(f"/inbox/views/{view.pk}/name/", {"name": "Morning"})
    assert browser.post(f"/inbox/views/{view.pk}/name/", {"name": " "}).status_code == 302
    assert "Morning" in browser.get("/").content.decode()
    removed = browser.post(f"/inbox/views/{view.pk}/remove/", headers={"HX-Request": "true"}).content.decode()
    assert (f"/inbox/views/{view.pk}/back/" in removed, kept(center)) == (True, [])
    assert browser.post(f"/inbox/views/{view.pk}/back/").status_code == 200
    assert [one.name for one in kept(center)] == ["Morning"]
    with in_platform():
        told = LogEntry.objects.filter(event=Event.VIEW_CHANGED).order_by("timestamp")
        assert [entry.facts["what"] for entry in told] == ["saved", "renamed", "removed", "put_back"]


def test_its_name_is_sealed_and_after_a_minute_a_removed_one_is_gone(center: Center, naomi: Membership) -> None:
    browser = signed_in(naomi)
    save(browser)
    with in_center(center.pk), connection.cursor() as cursor:
        cursor.execute("SELECT name, address FROM messaging_savedview")
        ((name, address),) = cursor.fetchall()
    assert (NAME.encode() in bytes(name), address) == (False, "view=open&language=es&waited=60")
    (view,) = kept(center)
    browser.post(f"/inbox/views/{view.pk}/remove/")
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert browser.post(f"/inbox/views/{view.pk}/back/").status_code == 422
        save(browser, "Another")
    with in_center(center.pk):
        assert [one.name for one in SavedView.objects.all()] == ["Another"], "nothing of it is left"


def test_one_person_has_twenty_views_and_one_of_each_kind(center: Center, naomi: Membership, ruth: Membership) -> None:
    browser = signed_in(naomi)
    addresses = [f"view={view}&language={language}" for view in VIEWS for language in ("en", "es", "")]
    for number, address in enumerate(addresses):
        save(browser, f"View {number}", address)
    assert [one.name for one in kept(center)] == [f"View {number}" for number in range(20)]
    assert "which is the most" in browser.get("/").content.decode()
    save(browser, "View 0 again", addresses[0])
    assert len(kept(center)) == 20
    assert kept(center)[0].name == "View 0 again"
    save(signed_in(ruth), "Hers", addresses[0])
    assert len(kept(center)) == 21


@pytest.mark.parametrize(("name", "address"), [("", "view=open"), ("x" * 41, "view=open"), ("Good", "view=nothing")])
def test_a_view_without_a_name_or_of_nothing_is_not_saved(
    center: Center, naomi: Membership, name: str, address: str
) -> None:
    save(signed_in(naomi), name, address)
    assert kept(center) == []
