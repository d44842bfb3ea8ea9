"""How the tests of this folder write from a phone, and sign in at a desk."""

import json
import time
import urllib.request
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import Stack

LINE = "+16145550199"
STEP = 30  # seconds that a code holds; each one signs in once


def text_from(stack: Stack, number: str, body: str, **more: Any) -> dict[str, Any]:
    """Have somebody write to the center, as the phone page does."""
    return _ask(stack, "POST", "/twin/send", {"from": number, "to": LINE, "body": body, **more})


def call_from(stack: Stack, number: str, ending: str) -> dict[str, Any]:
    """Have somebody call the center, and wait until the call is over."""
    return _ask(stack, "POST", "/twin/call", {"from": number, "to": LINE, "ending": ending, "wait": True})


def ledger(stack: Stack) -> dict[str, Any]:
    """Everything that the phone network has taken or delivered."""
    return _ask(stack, "GET", "/twin/ledger")


def received_by(stack: Stack, number: str) -> list[str]:
    """The words of every text of ours that the phone network took for this number."""
    return [text["body"] for text in ledger(stack)["messages"] if text["to"] == number]


def sign_in(stack: Stack, page: Page, role: str) -> None:
    """Both factors, through the pages. A code works once, so a second try waits for the next one."""
    person = stack.person(role)
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(person["email"])
    page.get_by_label("Password").fill(stack.demo["password"])
    page.get_by_role("button", name="Continue").click()
    _give_code(stack, page, role)
    if page.locator(".field__error").is_visible():
        time.sleep(STEP - time.time() % STEP + 0.5)
        _give_code(stack, page, role)
    page.locator(".views").wait_for()


def _give_code(stack: Stack, page: Page, role: str) -> None:
    page.get_by_label("Code").fill(stack.code(role))
    page.get_by_role("button", name="Sign in").click()
    page.locator(".views, .field__error").first.wait_for()


def go_to(stack: Stack, page: Page, path: str, role: str, states: dict[str, Any]) -> None:
    """Open a page, and prove oneself again if it asks for that."""
    page.goto(path)
    prove_again(stack, page, role, states)


def prove_again(stack: Stack, page: Page, role: str, states: dict[str, Any]) -> None:
    """Give a code where a page asks for a fresh factor; a form that waited for it goes on by itself.

    The session has another key from then on: whoever signs in with `states` later has to have it.
    """
    page.wait_for_load_state("networkidle")
    if "/confirm/?" not in page.url:
        return
    time.sleep(STEP - time.time() % STEP + 0.5)  # the code of this half minute may have signed in
    page.get_by_label("Code").fill(stack.code(role))
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.wait_for_url(lambda url: "/confirm/" not in url)
    page.wait_for_load_state("networkidle")
    states[role] = page.context.storage_state()


def desk_of(stack: Stack, browser: Browser, role: str, states: dict[str, Any], **options: Any) -> BrowserContext:
    """A browser in which this person has signed in; she does so once for all tests."""
    settings = {"base_url": stack.url, "viewport": {"width": 1440, "height": 900}, **options}
    if role not in states:
        first = browser.new_context(**settings)
        sign_in(stack, first.new_page(), role)
        states[role] = first.storage_state()
        first.close()
    return browser.new_context(storage_state=states[role], **settings)


def _ask(stack: Stack, method: str, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps(content).encode() if content is not None else None
    request = urllib.request.Request(stack.twin_url + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
