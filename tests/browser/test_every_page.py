"""What holds on every page: no script of strangers, no fault for a screen reader, no word in a title."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.routes import patterns
from tests.browser.conftest import Stack
from tests.browser.people import desk_of, go_to, prove_again, text_from

SECRET = "an unusual heron"
ID = "[0-9a-f]{8}-[0-9a-f-]{27}"
PAGES = [
    "/",
    "/?view=open",
    "/?view=done",
    "/follow-ups/",
    "/search/",
    "/printouts/",
    "/settings/",
    "/settings/password/",
    "/settings/passkeys/",
    "/confirm/?why=staff&next=/staff/",
    "/settings/hours/",
    "/settings/notifications/",
    "/settings/start/",
    "/settings/start/line/",
    "/settings/access/",
    "/settings/sessions/",
    "/centers/",
    "/settings/tags/",
    "/settings/templates/",
    "/settings/templates/new/",
    "/settings/lines/",
    "/staff/",
    "/log/",
    "/log/?until=2000-01-01",
    "/log/?about=nothing",
    "/log/review/",
    "/log/review/?week=2000-01-03",
    "/health/",
    "/nothing/here/",
]
# Pages about one thing, each with the page that leads there and what its address looks like.
LED_TO = {
    "staff-person": ("/staff/", rf"/staff/{ID}/"),
    "settings-template": ("/settings/templates/", rf"/settings/templates/{ID}/"),
    "settings-line-calls": ("/settings/lines/", rf"/settings/lines/{ID}/calls/"),
    "log-entry": ("/log/", rf"/log/{ID}/"),
    "review-person": ("/log/review/?week={today}", r"/log/review/people/[^?]+\?week=.*"),
}
# Pages that are seen in a test of their own: in this file, or where what leads to them is tested.
SEEN_BY_ITSELF = {
    "conversation", "print-ask", "printout", "split",
    "staff-shifts", "staff-recovery", "staff-sessions", "sign-in", "sign-in-code", "invitation",
    "recovery", "off-shift", "review-client", "settings-authenticator", "set-up-passkey", "set-up-password",
    "set-up-authenticator", "set-up-recovery-codes",
}  # fmt: skip
# No pages: what is only sent, parts of pages, files, and what machines ask.
NO_PAGES = {
    "hook-message", "hook-status", "hook-voice", "hook-dial", "hook-whisper", "hook-leg-status", "hook-record",
    "hook-recording", "hook-call-status", "health-live", "health-ready", "modes", "mode", "send-again", "csp-report",
    "review-sign-off", "log-proof", "sign-in-passkey", "sign-in-passkey-options", "second-passkey",
    "second-passkey-options", "lock", "confirm-passkey", "confirm-passkey-options", "sign-out",
    "set-up-passkey-options", "new-recovery-codes", "passkey-options", "passkey-name", "passkey-remove",
    "center-enter", "shift", "settings-session-end", "own-recovery-cancel", "staff-passkeys", "staff-invite",
    "staff-extend", "staff-return", "staff-role", "staff-suspend", "staff-resume", "staff-end",
    "recovery-agree", "recovery-cancel", "recovery-link", "staff-session-end", "inbox-list", "news", "names",
    "start-steps", "start-connect", "start-finish",
    "conversation-entries",
    "conversation-older", "reply", "note", "draft", "ready-words", "readers", "take", "release", "colleagues", "assign",
    "close", "reopen", "snooze", "wake", "client-card", "client-history", "client-undo",
    "number-end", "number-revive", "begin-again", "who", "who-back", "other-number", "not-shared",
    "client-name", "client-number", "printout-decide", "follow-up-add", "picture-add", "picture", "picture-remove",
    "inbox-narrow", "view-save", "view-rename", "view-remove", "view-back",
    "several-colleagues", "several-give", "several-close", "several-undo",
    "client-tag", "settings-tag", "settings-tag-move", "settings-tag-retire", "settings-tag-revive",
    "picture-out", "file", "files-again", "voicemail", "voicemail-sound", "voicemail-again", "text-again", "undo",
    "later-undo", "retry-decision", "follow-up-settle", "settings-template-remove", "search-results", "search-more",
}  # fmt: skip
LOOKS = [(1440, 900, "light"), (390, 844, "dark")]


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look[0]}-{look[2]}")
def desk(
    request: pytest.FixtureRequest, stack: Stack, browser: Browser, states: dict[str, Any]
) -> Iterator[BrowserContext]:
    width, height, scheme = request.param
    view = {"width": width, "height": height}
    context = desk_of(stack, browser, "admin", states, viewport=view, color_scheme=scheme)
    yield context
    context.close()


def _look_at(page: Page, path: str) -> list[str]:
    """Go somewhere and return what the browser complained of."""
    complaints: list[str] = []
    missing = path == "/nothing/here/"
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return [words for words in complaints if not (missing and "404" in words)]


def _faults(page: Page) -> list[tuple[str, list[str]]]:
    """What a screen reader, a keyboard or weak eyes would stumble over."""
    found = Axe().run(page).response["violations"]
    return [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in found]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quiet_and_open_to_everybody(stack: Stack, desk: BrowserContext, path: str) -> None:
    page = desk.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert _look_at(page, path) == []
    assert [url for url in asked if not url.startswith((stack.url, "data:", "blob:"))] == []
    assert page.title().endswith("Quietline")
    assert _faults(page) == []
    page.close()


def test_every_address_is_a_page_that_is_visited_or_no_page() -> None:
    visited = {resolve(path.partition("?")[0]).view_name for path in PAGES if not path.startswith("/nothing/")}
    assert {str(one.name) for one in patterns()} == {*visited, *LED_TO, *SEEN_BY_ITSELF, *NO_PAGES}
    assert not visited & NO_PAGES


@pytest.mark.parametrize("name", LED_TO)
def test_a_page_about_one_thing_is_quiet_and_open_to_everybody(
    stack: Stack, desk: BrowserContext, states: dict[str, Any], name: str
) -> None:
    page, (begin, address) = desk.new_page(), LED_TO[name]
    go_to(stack, page, begin.format(today=datetime.now(UTC).date().isoformat()), "admin", states)
    hrefs = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    path = next(href for href in hrefs if href and re.fullmatch(address, href))
    assert _look_at(page, path) == []
    assert page.title().endswith("Quietline")
    assert _faults(page) == []
    page.close()


@pytest.mark.parametrize(
    ("path", "field", "words"),
    [
        ("/staff/", "E-mail", "no address"),
        ("/settings/", "Your name", ""),
        ("/settings/templates/new/", "Name", ""),
        ("/confirm/?why=log&next=/log/", "Code", "000000"),
    ],
)
def test_a_form_that_was_refused_is_quiet_and_open_to_everybody(
    stack: Stack, desk: BrowserContext, states: dict[str, Any], path: str, field: str, words: str
) -> None:
    page = desk.new_page()
    page.goto(path)
    box = page.get_by_label(field, exact=True).first
    box.fill(words)
    box.evaluate("box => { box.form.noValidate = true; box.form.requestSubmit() }")
    if not path.startswith("/confirm/"):
        prove_again(stack, page, "admin", states)
    page.locator(".field__error").first.wait_for()
    assert _faults(page) == []
    page.close()


@pytest.mark.parametrize("below", ["", "shifts/", "sessions/", "recovery/"])
def test_the_page_of_a_colleague_is_quiet_and_open_to_everybody(desk: BrowserContext, below: str) -> None:
    page = desk.new_page()
    page.goto("/staff/")
    path = page.get_by_role("link", name="Naomi").get_attribute("href")
    assert _look_at(page, f"{path}{below}") == []
    assert "Naomi" not in page.title()
    if below == "":
        page.get_by_role("button", name="Suspend…").click()
    assert _faults(page) == []
    page.close()


def test_an_open_conversation_is_quiet_and_open_to_everybody(stack: Stack, desk: BrowserContext) -> None:
    text_from(stack, "+16145550141", SECRET)
    page = desk.new_page()
    page.goto("/")
    page.locator(".rows a", has_text=SECRET).first.click()
    page.locator(".message__body", has_text=SECRET).first.wait_for()
    assert _look_at(page, page.url) == []
    assert SECRET not in page.title()
    assert "41" not in page.title()
    assert _faults(page) == []
    page.close()


def test_a_planted_script_does_not_run(desk: BrowserContext) -> None:
    page = desk.new_page()
    page.goto("/")
    html = page.content().replace("</body>", "<script>window.planted = 1</script></body>")
    page.route("**/planted/", lambda route: route.fulfill(body=html, headers=_headers(page), content_type="text/html"))
    page.goto("/planted/")
    page.locator(".views").wait_for()
    assert page.evaluate("() => window.planted") is None
    page.close()


def _headers(page: Page) -> dict[str, str]:
    """The policy under which the real page was sent."""
    return {"Content-Security-Policy": page.request.get("/").headers["content-security-policy"]}


@pytest.mark.parametrize("path", ["/sign-in/", "/invitation/nothing/", "/recovery/nothing/"])
def test_a_page_before_signing_in_is_quiet_and_open_to_everybody(stack: Stack, browser: Browser, path: str) -> None:
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    complaints = [words for words in _look_at(page, path) if "410" not in words]
    assert complaints == []
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
    context.close()
