"""The list by hand: choosing several rows with keys, pointer and finger, and taking back what was done to them."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

SOON = 15_000  # milliseconds: the machine may be busy
expect.set_options(timeout=SOON)
WORDS = [f"a kettle on shelf {number}" for number in range(4)]


@pytest.fixture
def page(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[Page]:
    """Four have written, each later than the one before; the list shows the latest first."""
    for number, words in enumerate(WORDS):
        text_from(stack, f"+1614555031{number}", words)
    desk = desk_of(stack, browser, "supervisor", states)
    page = desk.new_page()
    page.goto("/?view=open")
    expect(_row(page, 3)).to_be_visible()
    yield page
    desk.close()


def _row(page: Page, number: int) -> Locator:
    return page.locator(".row", has_text=WORDS[number])


def _link(page: Page, number: int) -> Locator:
    return _row(page, number).locator("a")


def test_several_are_chosen_by_key_and_shift_given_to_oneself_and_back_by_undo(page: Page) -> None:
    _link(page, 3).focus()
    page.keyboard.press("x")
    expect(_row(page, 3).locator("input")).to_be_checked()
    page.keyboard.press("j")
    expect(_link(page, 2)).to_be_focused()
    assert page.locator("[data-pane]").count() == 0, "while choosing, j goes on and opens nothing"
    _link(page, 0).click(modifiers=["Shift"])
    expect(page.locator("[data-count]")).to_have_text("4")
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("t")
    expect(page.locator(".undo__words")).to_have_text("4 are yours now.")
    for number in range(4):
        expect(_row(page, number).locator(".row__holder")).to_contain_text("You")
    expect(page.locator("[data-bar]")).to_be_hidden()
    expect(page.locator("[data-choose]")).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator(".undo__words")).to_have_text("Taken back: 4 are as they were.")
    expect(_row(page, 0).locator(".row__holder")).not_to_contain_text("You")


def test_what_arrives_while_one_chooses_takes_nothing_from_the_choice_and_is_not_closed_unread(
    stack: Stack, page: Page
) -> None:
    page.get_by_role("button", name="Select", exact=True).click()
    for number in (0, 1):
        _link(page, number).click()
    text_from(stack, "+16145550311", "the kettle is broken")
    changed = page.locator(".row", has_text="the kettle is broken")
    expect(changed.locator("input")).to_be_checked()
    expect(_row(page, 0).locator("input")).to_be_checked()
    page.keyboard.press("e")
    page.locator("#several-dialog").get_by_text("Her question is answered").click()
    page.get_by_role("button", name="Close conversations").click()
    expect(page.locator(".undo__words")).to_contain_text("1 closed. 1 has something new and is still open")
    expect(_row(page, 0)).to_have_count(0)
    expect(changed).to_be_visible()
    page.wait_for_timeout(11_000)
    expect(page.locator("undo-bar")).to_have_count(0)


def test_escape_lets_go_and_keys_are_for_the_open_conversation_again(page: Page) -> None:
    _link(page, 3).click()
    expect(page.locator("[data-pane]")).to_be_visible()
    _link(page, 2).focus()
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(page.locator("[data-bar]")).to_be_hidden()
    expect(_row(page, 2).locator("input")).to_be_hidden()
    page.keyboard.press("e")
    expect(page.locator("#close-dialog")).to_be_visible()


def test_a_filter_narrows_the_list_is_saved_under_a_name_and_a_removed_view_comes_back(page: Page) -> None:
    page.keyboard.press("f")
    page.get_by_label("Held by").select_option("nobody")
    page.get_by_label("State").select_option("new")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**/?view=open&holder=nobody*state=new*")
    expect(_row(page, 3)).to_be_visible()
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("What do you call it?").fill("Fresh kettles")
    page.get_by_role("button", name="Save", exact=True).click()
    own = page.get_by_role("navigation", name="Your own views").get_by_role("link", name="Fresh kettles")
    expect(own).to_have_attribute("aria-current", "page")
    assert Axe().run(page).violations_count == 0
    assert "kettle" not in page.title() + page.url
    page.get_by_role("button", name="This view").click()
    page.get_by_role("button", name="Remove this view").click()
    expect(own).to_have_count(0)
    page.keyboard.press("u")
    expect(own).to_be_visible()
    page.locator(".chip").first.click()
    expect(page.locator(".chip")).to_have_count(1)
