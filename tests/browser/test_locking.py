"""A desk that nobody touches covers itself, and opens again where it was with what was half typed."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import STEP, sign_in, text_from

LONG = "09:30"  # of ten minutes
OVER = "00:45"


@pytest.fixture
def desk(stack: Stack, browser: Browser) -> Iterator[BrowserContext]:
    """A desk of its own: it is locked, and others must not be."""
    context = browser.new_context(base_url=stack.url, viewport={"width": 1440, "height": 900})
    context.clock.install()
    sign_in(stack, context.new_page(), "supervisor")
    yield context
    context.close()


def unlock(stack: Stack, page: Page) -> None:
    for _ in range(2):
        page.get_by_label("Code").fill(stack.code("supervisor"))
        page.get_by_role("button", name="Confirm", exact=True).click()
        page.wait_for_load_state()
        if "/confirm/" not in page.url:
            return
        time.sleep(STEP - time.time() % STEP + 0.5)


def test_a_desk_that_is_left_locks_in_every_tab_and_nothing_half_typed_is_lost(
    stack: Stack, desk: BrowserContext
) -> None:
    text_from(stack, "+16145550181", "a kite over the dunes")
    page, other = desk.pages[0], desk.new_page()
    other.goto("/follow-ups/")
    page.goto("/")
    page.locator(".rows a", has_text="a kite over the dunes").click()
    field = page.locator("textarea[name=body]").first
    with page.expect_response(lambda answer: answer.url.endswith("/draft/")):
        field.fill("I was just about to say")
        page.clock.run_for(1000)

    page.clock.fast_forward(LONG)
    page.mouse.move(40, 40)  # she is still there, in this tab
    page.clock.fast_forward(LONG)
    expect(page.get_by_text("a kite over the dunes").first).to_be_visible()
    page.clock.fast_forward(OVER)

    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(page.get_by_text("a kite over the dunes")).to_have_count(0)
    other.clock.run_for(2000)
    expect(other.get_by_role("heading", name="Locked")).to_be_visible()

    unlock(stack, page)
    expect(page.locator("textarea[name=body]").first).to_have_value("I was just about to say")


def test_what_stands_on_a_page_that_nobody_touches_for_two_minutes_is_blurred_until_somebody_does(
    stack: Stack, desk: BrowserContext
) -> None:
    page, seen = desk.pages[0], "getComputedStyle(document.querySelector('main')).filter"
    page.goto("/follow-ups/")
    page.clock.fast_forward("01:50")
    assert page.evaluate(seen) == "none"
    page.clock.fast_forward("00:15")
    assert "blur" in page.evaluate(seen)
    expect(page.get_by_text("Touch or move anything")).to_be_visible()
    page.mouse.move(40, 60)
    assert page.evaluate(seen) == "none"
    expect(page.get_by_text("Touch or move anything")).to_be_hidden()


def test_one_key_leaves_the_desk(stack: Stack, desk: BrowserContext) -> None:
    page = desk.pages[0]
    page.goto("/follow-ups/")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    unlock(stack, page)
    page.goto("/follow-ups/")
    expect(page.get_by_role("heading", name="Follow-ups")).to_be_visible()
