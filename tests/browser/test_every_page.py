"""What holds on every page: no script of strangers, no fault for a screen reader, no word in a title."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

SECRET = "an unusual heron"
PAGES = [
    "/",
    "/?view=open",
    "/?view=done",
    "/follow-ups/",
    "/search/",
    "/settings/",
    "/settings/password/",
    "/settings/passkeys/",
    "/confirm/?why=staff&next=/staff/",
    "/settings/hours/",
    "/settings/access/",
    "/settings/templates/",
    "/settings/templates/new/",
    "/settings/lines/",
    "/staff/",
    "/log/",
    "/health/",
    "/nothing/here/",
]
LOOKS = [(1440, 900, "light"), (390, 844, "dark")]


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: f"{look[0]}-{look[2]}")
def desk(
    request: pytest.FixtureRequest, stack: Stack, browser: Browser, states: dict[str, Any]
) -> Iterator[BrowserContext]:
    width, height, scheme = request.param
    view = {"width": width, "height": height}
    context = desk_of(stack, browser, "admin", states, viewport=view, color_scheme=scheme)
    yield context
    context.close()


def _look_at(page: Page, path: str) -> list[str]:
    """Go somewhere and return what the browser complained of."""
    complaints: list[str] = []
    missing = path == "/nothing/here/"
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return [words for words in complaints if not (missing and "404" in words)]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quiet_and_open_to_everybody(stack: Stack, desk: BrowserContext, path: str) -> None:
    page = desk.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert _look_at(page, path) == []
    assert [url for url in asked if not url.startswith((stack.url, "data:", "blob:"))] == []
    assert page.title().endswith("Quietline")
    faults = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in faults] == []
    page.close()


@pytest.mark.parametrize("below", ["", "shifts/", "sessions/"])
def test_the_page_of_a_colleague_is_quiet_and_open_to_everybody(desk: BrowserContext, below: str) -> None:
    page = desk.new_page()
    page.goto("/staff/")
    path = page.get_by_role("link", name="Naomi").get_attribute("href")
    assert _look_at(page, f"{path}{below}") == []
    assert "Naomi" not in page.title()
    if below == "":
        page.get_by_role("button", name="Suspend…").click()
    faults = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in faults] == []
    page.close()


def test_an_open_conversation_is_quiet_and_open_to_everybody(stack: Stack, desk: BrowserContext) -> None:
    text_from(stack, "+16145550141", SECRET)
    page = desk.new_page()
    page.goto("/")
    page.locator(".rows a", has_text=SECRET).first.click()
    page.locator(".message__body", has_text=SECRET).first.wait_for()
    assert _look_at(page, page.url) == []
    assert SECRET not in page.title()
    assert "41" not in page.title()
    faults = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in faults] == []
    page.close()


def test_a_planted_script_does_not_run(desk: BrowserContext) -> None:
    page = desk.new_page()
    page.goto("/")
    html = page.content().replace("</body>", "<script>window.planted = 1</script></body>")
    page.route("**/planted/", lambda route: route.fulfill(body=html, headers=_headers(page), content_type="text/html"))
    page.goto("/planted/")
    page.locator(".views").wait_for()
    assert page.evaluate("() => window.planted") is None
    page.close()


def _headers(page: Page) -> dict[str, str]:
    """The policy under which the real page was sent."""
    return {"Content-Security-Policy": page.request.get("/").headers["content-security-policy"]}


@pytest.mark.parametrize("path", ["/sign-in/", "/invitation/nothing/", "/recovery/nothing/"])
def test_a_page_before_signing_in_is_quiet_and_open_to_everybody(stack: Stack, browser: Browser, path: str) -> None:
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    complaints = [words for words in _look_at(page, path) if "410" not in words]
    assert complaints == []
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
    context.close()
