"""What does not work is said on the open page, goes when it is over, and costs nobody a word."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from simulate.stack import Stack as Parts
from tests.browser.conftest import Stack
from tests.browser.people import desk_of, received_by, text_from
from tests.frozen import hanging

SOON = 25_000  # milliseconds: a page asks every ten seconds, and the machine may be busy


@pytest.fixture
def desk(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[BrowserContext]:
    context = desk_of(stack, browser, "supervisor", states)
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext) -> Page:
    return desk.new_page()


@pytest.fixture
def parts(stack: Stack) -> Parts:
    return Parts(stack.data, urlsplit(stack.url).port or 0)


def test_live_updates_that_are_off_are_said_and_unsaid_without_a_reload(parts: Parts, page: Page) -> None:
    page.goto("/")
    page.evaluate("window.isTheSame = true")
    words = page.get_by_text("Live updates are off")
    expect(words).to_be_hidden()
    with hanging(parts, "valkey"):
        expect(words).to_be_visible(timeout=SOON)
        expect(page.get_by_text("Live news is paused")).to_be_hidden()
    expect(words).to_be_hidden(timeout=SOON)
    assert page.evaluate("window.isTheSame")


def test_a_reply_that_storage_cannot_take_stays_and_goes_out_once_when_it_is_back(
    stack: Stack, parts: Parts, page: Page
) -> None:
    text_from(stack, "+16145550171", "a harbour in the fog")
    page.goto("/")
    page.locator(".rows a", has_text="a harbour in the fog").click()
    field = page.locator("textarea[name=body]").first
    field.fill("I am still here.")
    with hanging(parts, "postgresql"):
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("This could not be saved just now")).to_be_visible(timeout=SOON)
        expect(page.get_by_text("Our storage cannot be reached")).to_be_visible(timeout=SOON)
        expect(field).to_have_value("I am still here.")
        expect(field).to_be_editable()
    expect(page.get_by_text("Our storage cannot be reached")).to_be_hidden(timeout=SOON)
    field.focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message--out", has_text="I am still here.")).to_contain_text("Delivered", timeout=SOON)
    assert received_by(stack, "+16145550171").count("I am still here.") == 1


def test_a_page_that_reaches_nobody_says_so_after_a_moment(desk: BrowserContext, page: Page) -> None:
    page.goto("/")
    words = page.get_by_text("This page cannot reach Quietline")
    desk.set_offline(True)
    expect(words).to_be_visible(timeout=SOON)
    desk.set_offline(False)
    expect(words).to_be_hidden(timeout=SOON)


def test_a_banner_that_was_taken_out_while_it_waited_still_speaks_when_it_is_back(
    desk: BrowserContext, page: Page
) -> None:
    page.goto("/")
    desk.set_offline(True)
    page.wait_for_timeout(1_000)  # nobody has answered, and it waits before it says so
    page.evaluate("() => { const banner = document.querySelector('mode-banner'), place = banner.parentNode;"
                  " const next = banner.nextSibling; banner.remove(); place.insertBefore(banner, next) }")  # fmt: skip
    expect(page.get_by_text("This page cannot reach Quietline")).to_be_visible(timeout=SOON)
    desk.set_offline(False)
