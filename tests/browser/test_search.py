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
    expect(page.get_by_role("status").filter(has_text="Nothing was found.")).to_be_visible()
    _search(page, "x")
    expect(page.get_by_role("alert").filter(has_text="Nothing was searched.")).to_be_visible()
    assert Axe().run(page).response["violations"] == []


def test_a_search_goes_on_by_itself_until_it_is_stopped_and_then_by_a_click(page: Page) -> None:
    """The server's stretches are stood in for: a center so large takes longer to fill than a test may."""
    asked: list[str] = []

    def stretch(route: Route) -> None:
        asked.append(route.request.post_data or "")
        over = len(asked) == 3
        body = _run(place="" if over else f"place-{len(asked)}", count=len(asked))
        route.fulfill(status=200, headers=ANSWERED, body=body)

    page.goto("/search/")
    page.route("**/search/results/", stretch)
    page.route("**/search/more/", stretch)
    _search(page, "lighthouse")
    expect(page.locator("#search-hits li")).to_have_count(3)
    assert "place-1" in asked[1] and "lighthouse" in asked[1]

    asked.clear()
    page.unroute("**/search/more/")
    held: list[Route] = []
    page.route("**/search/more/", lambda route: held.append(route))
    _search(page, "harbour lamp")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on")).to_be_focused()
    page.unroute("**/search/more/")
    page.route("**/search/more/", stretch)
    stretch(held[0])
    expect(page.locator("#search-hits li")).to_have_count(2)
    expect(page.get_by_role("button", name="Go on")).to_be_focused()
    assert len(asked) == 2
    page.keyboard.press("Enter")
    expect(page.locator("#search-hits li")).to_have_count(3)
    assert "place-2" in asked[2]


def _run(*, place: str, count: int) -> str:
    """An answer of the server, as `messaging/_search_results.html` draws it."""
    form = f"""
        <form method="post" action="/search/more/" hx-post="/search/more/" hx-target="#search-run" hx-swap="outerHTML"
              hx-sync="drop" hx-nonce="{NONCE}">
          <input type="hidden" name="words" value="lighthouse"><input type="hidden" name="place" value="{place}">
          <button class="button" type="button" data-stop hidden>Stop</button>
          <button class="button" type="submit" data-go-on>Go on</button>
        </form>"""
    marks = ("data-begins " if count == 1 else "") + ("data-goes-on" if place else "")
    run = f'<search-run id="search-run" {marks}>{form if place else "All"}</search-run>'
    hit = f"<li>number {count}</li>"
    if count == 1:
        return f'{run}<ol id="search-hits">{hit}</ol>'
    return f'{run}<hx-partial hx-target="#search-hits" hx-swap="beforeend">{hit}</hx-partial>'
