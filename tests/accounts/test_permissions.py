"""Every address and every role, with things of one's own, of nobody, of a colleague and of another center (AUTHZ-01).

The table in accounts/roles.py says who may; this asks every door of the product whether it goes by that.
"""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.urls import URLResolver, path
from django.urls.resolvers import RegexPattern

from accounts.actions import people
from accounts.models import Membership, Role
from accounts.roles import ALLOWED, NEEDS, Permission
from accounts.routes import refuse_unlisted
from accounts.sockets import members_of
from messaging.actions.assignment import assign
from messaging.models import Conversation, FollowUp, Line
from tenancy.scope import in_center
from tests.accounts.worlds import (
    COLLEAGUES,
    FOREIGN,
    FREE,
    GUARDED,
    NOT_LIKE_THIS,
    OF_A_CONVERSATION,
    OF_ONE_PERSON,
    OF_THE_CENTER,
    OWN,
    Worlds,
    address_of,
    expected_of,
    undone,
)
from tests.doors import signed_in, text_in

pytestmark = pytest.mark.django_db

BASE = Path(settings.BASE_DIR)

GONE, REFUSED = {404}, {403}
NEVER = {401, 403, 404, 500, 503}


def _is_as_expected(expected: str, name: str, response: Any) -> bool:
    code, to = response.status_code, response.headers.get("Location", "")
    if expected == "refused":
        return code in REFUSED
    if expected == "withheld":
        return code in REFUSED or code == 405
    if expected == "gone":
        return code in GONE or code == 405
    if name in NOT_LIKE_THIS and code in GONE:
        return True
    return code not in NEVER and not to.startswith("/sign-in")


def _ask(browser: Browser, address: str, method: str) -> Any:
    with undone():
        return browser.get(address) if method == "GET" else browser.post(address, {"decision": "leave"})


@pytest.mark.parametrize("role", Role.values)
def test_every_address_answers_each_role_as_the_table_says(
    worlds: Worlds,
    staff: dict[str, Membership],
    role: str,
    record_property: Any,
) -> None:
    browser, mine, wrong, cases = signed_in(staff[role]), worlds(role), [], 0
    for whose in (OWN, FREE, COLLEAGUES, FOREIGN):
        for pattern in GUARDED:
            name = str(pattern.name)
            for method in ("GET", "POST"):
                response = _ask(browser, address_of(pattern, mine[whose]), method)
                expected, cases = expected_of(role, name, whose), cases + 1
                if not _is_as_expected(expected, name, response):
                    wrong.append(f"{method} {name}, {whose}: {expected}, but {response.status_code}")
    record_property("cases", cases)
    assert wrong == [], "\n".join(wrong)
    assert cases == 8 * len(GUARDED)


def test_every_address_with_an_id_says_what_it_stands_for() -> None:
    with_ids = {str(pattern.name) for pattern in GUARDED if pattern.pattern.converters}
    assert with_ids == {*OF_A_CONVERSATION, *OF_THE_CENTER, *OF_ONE_PERSON}


def test_an_auditor_reads_nothing_of_a_conversation_anywhere(worlds: Worlds, staff: dict[str, Membership]) -> None:
    worlds("auditor")
    auditor = signed_in(staff["auditor"])
    pages = [auditor.get(address).content.decode() for address in ("/log/", "/log/review/", "/settings/")]
    assert not any(words in page for page in pages for words in ("I need to talk", "I am here", "555 01", "+1614"))
    assert auditor.get("/")["Location"] == "/log/"
    page = auditor.get("/log/").content.decode()
    assert 'href="/follow-ups/"' not in page
    assert 'href="/log/"' in page


def test_an_auditor_hears_no_bell(staff: dict[str, Membership]) -> None:
    keys = {role: signed_in(member).session.session_key for role, member in staff.items()}
    heard = members_of([key for key in keys.values() if key])
    assert {role for role, key in keys.items() if key in heard} == {"specialist", "supervisor", "admin"}


def test_nobody_gives_a_conversation_to_somebody_who_may_not_read_it(
    worlds: Worlds, staff: dict[str, Membership]
) -> None:
    mine = worlds("supervisor")[OWN]["conversation"]
    supervisor = signed_in(staff["supervisor"])
    assert str(staff["auditor"].pk) not in supervisor.get(f"/conversations/{mine}/colleagues/").content.decode()
    supervisor.post(f"/conversations/{mine}/assign/", {"to": staff["auditor"].pk})
    with in_center(staff["auditor"].center_id):
        assert not Conversation.objects.filter(assignee=staff["auditor"].staff_id, pk=mine).exists()


def test_who_becomes_an_auditor_gives_back_what_she_held(line: Line, staff: dict[str, Membership]) -> None:
    text_in(line, "hello")
    with in_center(line.center_id):
        row = Conversation.objects.get()
        assign(row, to=staff["specialist"], by=staff["supervisor"])
        people.change_role(staff["specialist"], Role.AUDITOR, by=staff["admin"])
        row.refresh_from_db()
        assert row.assignee_id is None
        assert not FollowUp.objects.open().exclude(owner=None).exists()


def test_a_page_that_the_table_does_not_know_keeps_the_product_from_starting() -> None:
    def odd(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    known = [path("", lambda request: HttpResponse(), name=name) for name in NEEDS]
    refuse_unlisted(URLResolver(RegexPattern(""), known))
    with pytest.raises(ImproperlyConfigured, match="new-page"):
        refuse_unlisted(URLResolver(RegexPattern(""), [*known, path("new/", odd, name="new-page")]))
    with pytest.raises(ImproperlyConfigured, match="inbox"):
        refuse_unlisted(URLResolver(RegexPattern(""), [one for one in known if one.name != "inbox"]))


def test_a_role_that_the_table_does_not_know_may_nothing() -> None:
    assert Membership(role="visitor").permissions == frozenset()


def test_the_staff_page_shows_the_table(staff: dict[str, Membership]) -> None:
    page = signed_in(staff["admin"]).get("/staff/").content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]
    assert len(rows) == len(Permission)
    for permission, row in zip(Permission, rows, strict=True):
        said = ["check" in cell for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        assert said == [permission in ALLOWED[role] for role in Role]


def test_the_page_about_trust_shows_the_table_as_it_is_printed() -> None:
    printed = StringIO()
    call_command("print_roles", stdout=printed)
    assert f"\n\n{printed.getvalue()}\n" in _page_about_trust()


def test_every_command_of_the_console_says_what_it_shows() -> None:
    ours = {name for name, room in get_commands().items() if (BASE / str(room)).is_dir()}
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", _page_about_trust(), re.MULTILINE)
    assert sorted(rows) == sorted(ours)


def _page_about_trust() -> str:
    return (BASE / "docs/trust-model.md").read_text()
