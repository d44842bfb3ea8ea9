"""Two people at one conversation see each other."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

expect.set_options(timeout=15_000)


def test_a_colleague_is_mentioned_by_keyboard_and_finds_it_marked_until_it_is_before_her(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    mine, hers = (desk_of(stack, browser, role, states) for role in ("supervisor", "admin"))
    page, other = mine.new_page(), hers.new_page()
    text_from(stack, "+16145550172", "a lantern in the orchard")
    text_from(stack, "+16145550173", "a swing under the elm")
    other.goto("/")
    other.locator(".rows a", has_text="a swing under the elm").click()
    page.goto("/")
    page.locator(".rows a", has_text="a lantern in the orchard").click()
    page.locator("button[data-mode=note]").click()
    note = page.get_by_label("Your note for colleagues")
    name = str(stack.person("admin")["name"])
    first = name.split(" ")[0]
    note.press_sequentially("Could you look at this, @")
    expect(page.get_by_role("combobox", name="Search colleagues")).to_be_focused()
    assert not Axe().run(page).response["violations"]
    page.keyboard.type(first.lower())
    expect(page.locator("#mentions [aria-selected=true]")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(note).to_have_value(f"Could you look at this, @{first} ")
    expect(page.locator("note-mentions")).to_contain_text(f"Mentions {first}")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".note", has_text="Could you look at this").locator(".note__mentions")).to_contain_text(first)
    row = other.locator(".rows li", has_text="a lantern in the orchard")
    expect(row).to_contain_text("Mentions you")
    expect(other.locator(".views__view--mentioned")).to_contain_text("1")
    row.locator("a").click()
    expect(row).not_to_contain_text("Mentions you")
    expect(other.locator(".views__view--mentioned .views__count")).to_have_count(0)
    for desk in (mine, hers):
        desk.close()


def test_whoever_loses_a_conversation_to_a_colleague_reads_by_whom_with_two_clicks_of_hers(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    mine, hers = (desk_of(stack, browser, role, states) for role in ("specialist", "supervisor"))
    page, other = mine.new_page(), hers.new_page()
    text_from(stack, "+16145550174", "a ferry at the jetty")
    for one in (page, other):
        one.goto("/")
        one.locator(".rows a", has_text="a ferry at the jetty").click()
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.get_by_text("You hold this conversation")).to_be_visible()
    page.locator("textarea[data-draft]").press_sequentially("I was about to")
    by = str(stack.person("supervisor")["name"]).split(" ")[0]
    other.get_by_role("button", name="Give to somebody").click()
    other.get_by_role("button", name="Yourself").click()
    told = page.locator("[data-lost]")
    expect(told).to_contain_text(f"{by} took this conversation over from you.")
    expect(told).to_contain_text("You cannot read or write in it any more.")
    expect(page.locator("textarea[data-draft]")).to_have_value("I was about to")
    expect(other.get_by_text("You hold this conversation")).to_be_visible()
    expect(other.locator("[data-lost]")).to_be_hidden()
    for desk in (mine, hers):
        desk.close()


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
