"""Something new calls whoever is to answer, and says nothing besides that it is there."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

NUMBER, OTHER = "+16145550881", "+16145550882"
# What a page shows and plays is kept, and for once nobody looks at it.
WATCHED = """
window.shown = [], window.played = 0, window.looks = true
document.hasFocus = () => window.looks
window.Notification = class {
  static permission = "granted"
  static requestPermission = async () => "granted"
  constructor(title, options) { window.shown.push([title, options.body ?? ""]) }
  close() {}
}
const start = OscillatorNode.prototype.start
OscillatorNode.prototype.start = function (at) { window.played += 1; return start.call(this, at) }
"""


@pytest.fixture
def desk(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[BrowserContext]:
    context = desk_of(stack, browser, "supervisor", states)
    context.add_init_script(WATCHED)
    yield context
    context.close()


def _choose(page: Page) -> None:
    page.goto("/settings/notifications/")
    page.get_by_label("Show a notification of this computer").check()
    page.get_by_label("Sound", exact=True).select_option(label="Two notes")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_news_counts_in_the_tab_calls_whoever_looks_elsewhere_and_is_silent_about_what_is_on_the_screen(
    stack: Stack, desk: BrowserContext
) -> None:
    text_from(stack, NUMBER, "a lantern by the gate")
    page = desk.new_page()
    _choose(page)
    page.goto("/")
    page.locator(".rows a", has_text="a lantern by the gate").click()
    expect(page.locator("conversation-thread")).to_be_visible()
    page.wait_for_function("() => /^\\(\\d+\\+?\\) /.test(document.title)")
    page.wait_for_timeout(500)
    page.evaluate("window.played = 0")

    text_from(stack, NUMBER, "the lantern is still there")
    expect(page.get_by_text("the lantern is still there").first).to_be_visible()
    page.wait_for_timeout(2_500)  # longer than a call would have taken
    assert page.evaluate("[shown.length, played]") == [0, 0], "it is on the screen"

    page.evaluate("window.looks = false")
    text_from(stack, OTHER, "a second lantern further down")
    page.wait_for_function("() => shown.length === 1")
    page.wait_for_function("() => played === 2")
    assert page.evaluate("shown[0]") == ["Quietline: something new", ""]
    assert "favicon-news" in str(page.locator('link[rel="icon"]').get_attribute("href"))
    page.evaluate("window.looks = true; dispatchEvent(new Event('focus'))")
    assert "favicon-news" not in str(page.locator('link[rel="icon"]').get_attribute("href"))
    assert "lantern" not in page.title()
    assert "55" not in page.title()


def test_of_two_tabs_that_nobody_looks_at_one_calls(stack: Stack, desk: BrowserContext) -> None:
    first, second = desk.new_page(), desk.new_page()
    _choose(first)
    for page in (first, second):
        page.goto("/")
        page.locator("live-bell").wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        page.evaluate("window.looks = false")
    text_from(stack, OTHER, "one bell for a whole village")
    expect(first.get_by_text("one bell for a whole village").first).to_be_visible()
    first.wait_for_timeout(3_000)
    assert first.evaluate("shown.length") + second.evaluate("shown.length") == 1


def test_however_much_stands_above_it_the_inbox_has_the_rest_of_the_screen(desk: BrowserContext) -> None:
    page = desk.new_page()
    page.goto("/")
    page.evaluate(
        """() => {
          const more = Object.assign(document.createElement("section"), { className: "account-alerts" })
          more.append("One more line that somebody has to know")
          for (const copy of [more, more.cloneNode(true)]) document.querySelector("main").before(copy)
        }"""
    )
    assert page.locator(".inbox .banner").evaluate("banner => banner.offsetHeight") == 0
    box = page.locator("main").bounding_box()
    assert box is not None
    assert round(box["y"] + box["height"]) == 900
    assert box["height"] > 600
