"""Of who a client is, no answer says more than its reader needs: her first name and two digits of her number.

Her whole number is in one answer alone, to whoever may see it. Here every address is asked as every role, for what
is her own, nobody's, a colleague's and another center's, and the answers are searched for a planted number and name.
"""

import base64
import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from accounts.models import Membership, Role
from accounts.roles import ALLOWED, Permission
from messaging.models import Conversation, Line
from tenancy.scope import in_center
from tests.accounts.worlds import (
    COLLEAGUES,
    FIRST,
    FOREIGN,
    FREE,
    GUARDED,
    LAST,
    OWN,
    World,
    Worlds,
    address_of,
    body_of,
    phone_of,
    undone,
)
from tests.doors import signed_in, text_in

pytestmark = pytest.mark.django_db

WORLDS = (OWN, FREE, COLLEAGUES, FOREIGN)
WITH_NAMES = {"inbox", "inbox-list", "conversation", "follow-ups"}
# Where a name is written down it is shown as it was written.
ON_THE_CARD = {"conversation", "client-name", "client-number", "client-card", "client-history", "client-undo"}


def whole_numbers_in(answer: Any) -> list[str]:
    """The planted numbers that an answer may hold, in any form: without its country, with signs between, encoded."""
    said = _said(answer)
    return [phone for phone in map(phone_of, range(len(WORLDS))) if any(form.search(said) for form in _forms(phone))]


def _said(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.items())
    cookies = "\n".join(cookie.OutputString() for cookie in answer.cookies.values())
    raw = content.decode("utf-8", "replace") + headers + cookies
    return raw + html.unescape(unquote(unquote(raw)))


def _forms(phone: str) -> Iterator[re.Pattern[str]]:
    national = phone.removeprefix("+1")
    yield re.compile(r"\W{0,3}".join(national))
    for text in (phone, phone.removeprefix("+"), national):
        yield re.compile(re.escape(text.encode().hex()), re.IGNORECASE)
        for before in range(3):
            yield re.compile(re.escape(_inner_base64(text, before)))


def _inner_base64(text: str, before: int) -> str:
    """What base64 makes of a text with so many bytes before it, whatever stands around it."""
    whole = base64.b64encode(b"\0" * before + text.encode()).decode().rstrip("=")
    return whole[-(-8 * before // 6) : (before + len(text)) * 8 // 6]


def _answers(browser: Browser, mine: dict[str, World]) -> Iterator[tuple[str, str, str, HttpResponse]]:
    for whose in WORLDS:
        for pattern in GUARDED:
            name, address = str(pattern.name), address_of(pattern, mine[whose])
            for method in ("GET", "POST"):
                posted = body_of(name, mine[whose])
                with undone():
                    answer = browser.get(address) if method == "GET" else browser.post(address, posted)
                yield method, name, whose, answer


def _may_see_number(role: str, whose: str) -> bool:
    holds_it = whose == OWN and Permission.NUMBER in ALLOWED[role]
    return holds_it or (whose != FOREIGN and Permission.ANY_NUMBER in ALLOWED[role])


@pytest.mark.parametrize("role", Role.values)
def test_no_answer_says_more_of_a_client_than_its_reader_needs(
    worlds: Worlds, staff: dict[str, Membership], role: str, record_property: Any
) -> None:
    too_much, cases, reveals = [], 0, set()
    for method, name, whose, answer in _answers(signed_in(staff[role]), worlds(role)):
        cases += 1
        case, said = f"{method} {name}, {whose}", _said(answer)
        if whole_numbers_in(answer):
            may = name == "client-number" and _may_see_number(role, whose)
            reveals.add(whose) if may else too_much.append(f"{case}: her whole number")
        if LAST in said and (name not in ON_THE_CARD or role == Role.AUDITOR):
            too_much.append(f"{case}: her last name")
        if FIRST in said and role == Role.AUDITOR:
            too_much.append(f"{case}: her first name")
    record_property("cases", cases)
    assert too_much == []
    assert reveals == {whose for whose in WORLDS if _may_see_number(role, whose)}, "the search finds what is there"


@pytest.mark.parametrize(
    "leak",
    [
        phone_of(2), phone_of(2)[1:], phone_of(2)[2:], "(614) 555-0102", "614.555.0102", "+1 614 555 01 02",
        "614&#45;555&#8209;0102", quote(phone_of(2)), quote("(614) 555-0102"), phone_of(2).encode().hex(),
        *(base64.b64encode(b"x" * before + b"to: " + phone_of(2).encode() + b"!").decode() for before in range(3)),
    ],
)  # fmt: skip
def test_the_search_finds_a_number_in_every_form(leak: str) -> None:
    words = f'<p title="a">seen 5 times, {leak} and 42 more</p>'
    assert phone_of(2) in whole_numbers_in(HttpResponse(words))
    assert phone_of(2) in whole_numbers_in(HttpResponse(headers={"Location": f"/x?y={quote(leak)}"}))
    assert whole_numbers_in(HttpResponse(words.replace(leak, "…02"))) == []


def test_the_search_would_notice_a_page_that_says_more(
    worlds: Worlds, staff: dict[str, Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, browser = worlds("specialist"), signed_in(staff["specialist"])
    monkeypatch.setattr(Conversation, "called", property(lambda row: f"{row.client.name} {row.epoch.number.address}"))
    shown = {name: browser.get(address_of(one, mine[OWN])) for one in GUARDED if (name := str(one.name)) in WITH_NAMES}
    assert {name for name, answer in shown.items() if LAST in _said(answer)} == WITH_NAMES
    assert {name for name, answer in shown.items() if whole_numbers_in(answer)} == WITH_NAMES


def test_a_specialist_sees_the_number_of_whom_she_has_taken_on(line: Line, naomi: Membership, ruth: Membership) -> None:
    text_in(line)
    with in_center(line.center_id):
        address = f"/conversations/{Conversation.objects.get().pk}/"
    specialist = signed_in(naomi)
    assert "Whoever takes the conversation can see it" in specialist.get(address).content.decode()
    assert specialist.post(f"{address}number/").status_code == 403
    specialist.post(f"{address}take/")
    assert f"{address}number/" in specialist.get(address).content.decode()
    assert "614-555-0101" in specialist.post(f"{address}number/").content.decode()
    specialist.post(f"{address}release/")
    assert specialist.post(f"{address}number/").status_code == 403
    assert "614-555-0101" in signed_in(ruth).post(f"{address}number/").content.decode()


def test_a_client_is_called_by_her_first_name_and_two_digits(line: Line, ruth: Membership) -> None:
    text_in(line)
    with in_center(line.center_id):
        row = Conversation.objects.get()
    browser = signed_in(ruth)
    assert "New · …01" in browser.get("/").content.decode()
    browser.post(f"/conversations/{row.pk}/name/", {"name": " Ana  María Ruiz "})
    for page in ("/", "/follow-ups/", f"/log/review/clients/{row.client_id}/"):
        answer = browser.get(page)
        assert answer.status_code == 403 or ("Ana · …01" in answer.content.decode() and "Ruiz" not in _said(answer))
    conversation = browser.get(f"/conversations/{row.pk}/").content.decode()
    assert re.search(r'<h2 id="conversation-title" dir="auto">Ana · …01</h2>', conversation)
