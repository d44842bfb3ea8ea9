"""Two people at one conversation see each other."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

expect.set_options(timeout=15_000)


def test_who_looks_and_who_writes_is_seen_beside_the_composer_and_in_the_list_and_goes_with_her(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    mine, hers = (desk_of(stack, browser, role, states) for role in ("supervisor", "admin"))
    page, other = mine.new_page(), hers.new_page()
    text_from(stack, "+16145550171", "a kite over the harbor")
    for one in (page, other):
        one.goto("/")
    other.locator(".rows a", has_text="a kite over the harbor").click()
    row = page.locator(".rows li", has_text="a kite over the harbor").locator(".row__here")
    expect(row).to_contain_text("is looking at this")
    page.locator(".rows a", has_text="a kite over the harbor").click()
    here = page.locator("#here")
    expect(here).to_contain_text("Also looking at this")
    expect(other.locator("#here")).to_contain_text("Also looking at this")
    other.locator("button[data-mode=note]").click()
    other.locator("textarea[name=body]").last.press_sequentially("only among us")
    expect(here).not_to_contain_text("Writing")
    other.locator("button[data-mode=reply]").click()
    other.locator("textarea[data-draft]").press_sequentially("I am")
    expect(here).to_contain_text("Writing a reply now")
    expect(row).to_contain_text("is writing a reply")
    hers.close()
    expect(here).to_be_empty(timeout=10_000)
    mine.close()
