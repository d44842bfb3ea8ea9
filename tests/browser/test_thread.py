"""A long thread, read by somebody while more of it arrives."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

HER = "+16145550187"
expect.set_options(timeout=15_000)  # milliseconds: the machine may be busy


def test_whoever_reads_above_is_told_how_many_came_below_and_is_not_moved(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    for number in range(8):
        text_from(stack, HER, f"a long evening, part {number}")
    desk = desk_of(stack, browser, "supervisor", states, viewport={"width": 1024, "height": 480})
    page = desk.new_page()
    page.goto("/")
    page.locator(".rows a", has_text="a long evening").click()
    expect(page.locator(".message__body", has_text="part 7")).to_be_in_viewport()
    thread = page.locator("scroll-anchor")
    thread.evaluate("(place) => place.scrollTo(0, 0)")
    latest = page.locator("[data-latest]")
    expect(latest).to_have_text("Jump to latest")
    for words in ("later, one", "later, two"):
        text_from(stack, HER, words)
    expect(latest).to_have_text("Jump to latest (2)")
    assert thread.evaluate("(place) => place.scrollTop") == 0
    latest.click()
    expect(page.locator(".message__body", has_text="later, two")).to_be_in_viewport()
    expect(latest).to_be_hidden()
    expect(latest.locator("[data-below]")).to_be_empty()
    desk.close()
