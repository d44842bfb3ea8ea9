"""A search by keyboard: asked, answered, stopped, gone on with, opened where it was found."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

NONCE = "bm9uY2Ugb2YgYSB0ZXN0"
ANSWERED = {"Content-Type": "text/html", "Content-Security-Policy": f"script-src 'nonce-{NONCE}'"}
SOON = 15_000  # milliseconds: the machine may be busy
expect.set_options(timeout=SOON)


@pytest.fixture
def desk(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[BrowserContext]:
    context = desk_of(stack, browser, "supervisor", states)
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext) -> Page:
    return desk.new_page()


def _search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.keyboard.press("Enter")


def test_a_word_is_found_by_keyboard_and_opened_where_it_was_said(stack: Stack, page: Page) -> None:
    text_from(stack, "+16145550181", "El periquito azul llegó el sábado")
    page.goto("/?view=open")
    expect(page.locator(".rows a", has_text="periquito")).to_be_visible()
    page.keyboard.press("s")
    page.wait_for_url("**/search/")
    _search(page, "PERIQUITO sabado")
    expect(page.locator(".found mark")).to_have_text(["periquito", "sábado"])
    assert Axe().run(page).response["violations"] == []
    assert page.url.endswith("/search/")
    page.locator(".found__entry").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#found-mark")).to_be_visible()
    expect(page.locator(".message__body", has_text="periquito azul")).to_be_in_viewport()
    assert "periquito" not in page.url.lower() + page.title().lower()


def test_what_is_nowhere_and_what_is_too_short_is_said(page: Page) -> None:
    page.goto("/search/")
    _search(page, "xylophonist")
    expect(page.locator(".search-run__words")).to_contain_text("Nothing was found.")
    expect(page.get_by_role("status").filter(has_text="Nothing was found.")).to_be_attached()
    _search(page, "x")
    expect(page.get_by_role("alert").filter(has_text="Nothing was searched.")).to_be_visible()
    assert Axe().run(page).response["violations"] == []


class Stretches:
    """The server's stretches, stood in for: a center so large takes longer to fill than a test may."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.held: list[Route] = []
        self.holds = False
        self.last = 100_000
        self.states: dict[int, str] = {}
        for address in ("**/search/results/", "**/search/more/"):
            page.route(address, self._asked)

    def _asked(self, route: Route) -> None:
        if self.holds:
            self.held.append(route)
        else:
            self.answer(route)

    def answer(self, route: Route) -> None:
        self.asked.append(route.request.post_data or "")
        count = len(self.asked)
        state = "over" if count == self.last else self.states.get(count, "running")
        route.fulfill(status=200, headers=ANSWERED, body=_run(state, count))


@pytest.fixture
def stretches(page: Page) -> Stretches:
    page.goto("/search/")
    return Stretches(page)


def test_a_search_goes_on_by_itself_until_it_is_over_and_says_so_once(page: Page, stretches: Stretches) -> None:
    stretches.last = 3
    page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(document.getElementById('announcements').textContent))"
        ".observe(document.getElementById('announcements'), {childList: true})"
    )
    _search(page, "lighthouse")
    expect(page.locator(".found li")).to_have_count(3)
    assert "place-1" in stretches.asked[1] and "lighthouse" in stretches.asked[1]
    assert "by_hand" not in stretches.asked[1]
    expect(page.locator("#announcements")).to_have_text("3 found.")
    assert page.evaluate("said") == ["3 found."]
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_the_focus_stays_on_the_one_button_of_a_search_and_is_never_taken_from_elsewhere(
    page: Page, stretches: Stretches
) -> None:
    stop, go_on = page.get_by_role("button", name="Stop"), page.get_by_role("button", name="Go on")
    _search(page, "harbour lamp")
    stop.focus()
    expect(page.locator(".found li").nth(9)).to_be_attached()
    expect(stop).to_be_focused()
    stretches.holds = True
    page.keyboard.press("Enter")
    expect(go_on).to_be_focused()
    expect(page.locator("#announcements")).to_contain_text("You stopped it.")
    shown = page.locator(".found li").count()
    while stretches.held:
        stretches.answer(stretches.held.pop())
    expect(go_on).to_be_focused()
    assert page.locator(".found li").count() <= shown + 1, "what was on its way is shown, and nothing more asked for"
    stretches.holds, stretches.last = False, len(stretches.asked) + 3
    page.keyboard.press("Enter")
    expect(page.locator(".search-run__words")).to_be_focused()
    assert "by_hand=1" in stretches.asked[-3]
    assert stop.count() == go_on.count() == 0

    stretches.last, stretches.holds = 100_000, True
    _search(page, "harbour lamp")
    page.get_by_role("searchbox").focus()
    stretches.answer(stretches.held.pop())
    stop.click()
    page.get_by_role("searchbox").focus()
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_after_a_stop_a_full_stretch_can_be_gone_on_with_and_a_failed_one_too(page: Page, stretches: Stretches) -> None:
    stretches.states = {2: "full"}
    _search(page, "signal fire")
    more = page.get_by_role("button", name="Go on")
    expect(page.locator("search-run")).to_have_attribute("data-state", "full")
    stretches.holds = True
    more.click()
    page.get_by_role("button", name="Stop").click()
    more.click()
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    stretches.held.pop().abort()
    expect(page.locator("search-run")).to_have_attribute("data-state", "failed")
    expect(more).to_be_focused()
    expect(page.locator("#announcements")).to_contain_text("no answer came")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    stretches.holds, stretches.last = False, 4
    page.keyboard.press("Enter")
    expect(page.locator(".found li")).to_have_count(4)
    expect(page.locator("search-run")).to_have_attribute("data-state", "over")


def test_what_an_older_search_still_finds_does_not_show_in_a_newer_one(page: Page, stretches: Stretches) -> None:
    stretches.states = {1: "full"}
    _search(page, "first question")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    stretches.holds = True
    page.get_by_role("button", name="Go on").click()
    late = stretches.held.pop()
    stretches.holds, stretches.states = False, {}
    stretches.asked, stretches.last = [], 1
    page.get_by_role("searchbox").fill("second question")
    page.keyboard.press("Enter")
    expect(page.locator("search-run")).to_have_attribute("data-state", "over")
    late.fulfill(status=200, headers=ANSWERED, body=_run("over", 7, token="older"))
    page.wait_for_timeout(300)
    assert page.locator(".found li").all_inner_texts() == ["number 1"]


def _run(state: str, count: int, token: str = "of-a-test") -> str:
    """An answer of the server, as `messaging/_search_results.html` draws it."""
    form = f"""
        <form id="search-more-{token}" method="post" action="/search/more/" hx-post="/search/more/"
              hx-target="#search-run-{token}" hx-swap="outerMorph" hx-sync="drop" hx-nonce="{NONCE}">
          <input type="hidden" name="words" value="lighthouse"><input type="hidden" name="place" value="place-{count}">
          <button id="search-stop-{token}" class="button" type="button" data-stop>Stop</button>
          <button id="search-go-on-{token}" type="submit" name="by_hand" value="1" data-go-on>Go on</button>
        </form>"""
    pauses = '<p data-when="stopped">You stopped it.</p><p data-when="failed">It stopped here: no answer came.</p>'
    over = state == "over"
    run = f"""
        <search-run id="search-run-{token}" class="search-run" data-state="{state}">
          <div id="search-words-{token}" class="search-run__words" data-words tabindex="-1">
            <p>{count} found.</p>{"" if over else pauses}</div>
          {"" if over else form}
        </search-run>"""
    hit = f"<li>number {count}</li>"
    if count == 1:
        return f'{run}<ol id="search-hits-{token}" class="found">{hit}</ol>'
    return f'{run}<hx-partial hx-target="#search-hits-{token}" hx-swap="beforeend">{hit}</hx-partial>'
