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
    expect(page.locator("#entries .day")).to_contain_text("Today")
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


PLACE_OF = """(entry) => entry.getBoundingClientRect().top"""


def test_a_long_conversation_opens_where_the_new_begins_and_brings_what_is_older_without_moving_anything(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    number = "+16145550188"
    text_from(stack, number, "tall grass, part 0.")
    desk = desk_of(stack, browser, "supervisor", states, viewport={"width": 1024, "height": 600})
    page = desk.new_page()
    page.goto("/")
    row = page.locator(".rows a", has_text="tall grass")
    row.click()
    expect(page.locator(".message__body", has_text="part 0.")).to_be_visible()
    address = page.url
    page.goto("/settings/")
    for part in range(1, 131):
        text_from(stack, number, f"tall grass, part {part}.")
    page.goto(address)
    expect(page.locator("#new-mark")).to_be_in_viewport()
    expect(page.locator(".message__body", has_text="part 1.")).to_be_in_viewport()
    expect(page.locator(".message__body", has_text="part 130.")).not_to_be_in_viewport()
    page.goto(address)  # all of it is read now
    first = page.locator("#entries .message__body").first
    expect(page.locator(".message__body", has_text="part 130.")).to_be_in_viewport()
    words = first.inner_text()
    entry = page.locator(".message__body", has_text=words)
    page.locator("scroll-anchor").evaluate("(place) => place.scrollTo(0, 120)")
    place = entry.evaluate(PLACE_OF)
    expect(page.locator(".message__body", has_text="part 0.")).to_have_count(1)
    assert abs(entry.evaluate(PLACE_OF) - place) < 8, "what she reads stays where it is"
    desk.close()
