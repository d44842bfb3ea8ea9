"""Pictures with a reply: picked, dropped, pasted, removed, taken back; seen from a desk and from a phone."""

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, ledger, text_from

SOON = 15_000  # milliseconds: the machine may be busy
expect.set_options(timeout=SOON)

# Hand files to whatever stands there, as a drop or a paste does.
DROP = """([kind, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
  const carried = new DataTransfer()
  carried.items.add(new File([bytes], name, { type }))
  const target = document.querySelector("textarea[data-draft]")
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true })
  target.dispatchEvent(event)
  return event.defaultPrevented
}"""


def photo(color: str, size: tuple[int, int] = (60, 40)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG")
    return out.getvalue()


def file(color: str) -> FilePayload:
    return {"name": f"{color}.jpg", "mimeType": "image/jpeg", "buffer": photo(color)}


@pytest.fixture
def desk(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[BrowserContext]:
    context = desk_of(stack, browser, "supervisor", states)
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext) -> Page:
    return desk.new_page()


def _open(stack: Stack, page: Page, number: str, words: str) -> None:
    text_from(stack, number, words)
    page.goto("/")
    page.locator(".rows a", has_text=words).click()
    expect(page.locator(".message__body", has_text=words)).to_be_visible()


def _pick(page: Page, *files: FilePayload) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture", exact=True).click()
    chooser.value.set_files(list(files))


def _drop(page: Page, kind: str, color: str) -> None:
    data = base64.b64encode(photo(color)).decode()
    assert page.evaluate(DROP, [kind, f"{color}.jpg", "image/jpeg", data]), "the browser would have opened it itself"


def _added(page: Page) -> Locator:
    return page.locator(".tray__picture:has(input[name=pictures])")


def _on_the_phone(stack: Stack, number: str) -> list[tuple[str, int, str]]:
    ours = [text for text in ledger(stack)["messages"] if text["to"] == number and text["num_media"] != "0"]
    return [(text["body"], int(text["num_media"]), text["status"]) for text in ours]


def test_pictures_that_are_picked_dropped_and_pasted_reach_the_phone(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550141", "how do I find you")
    _pick(page, file("red"), file("green"))
    expect(_added(page)).to_have_count(2)
    _drop(page, "drop", "blue")
    expect(_added(page)).to_have_count(3)
    _drop(page, "paste", "black")
    expect(_added(page)).to_have_count(4)
    page.locator("textarea[name=body]").first.fill("Here is the way.")
    page.keyboard.press("Control+Enter")
    mine = page.locator(".message--out", has_text="Here is the way.")
    expect(mine.locator("img")).to_have_count(4)
    expect(mine).to_contain_text("Delivered")
    expect(page.locator(".tray__picture")).to_have_count(0)
    assert _on_the_phone(stack, "+16145550141") == [("Here is the way.", 4, "delivered")]
    assert {fetch["status"] for fetch in ledger(stack)["fetches"]} == {200}


def test_a_picture_needs_no_words_and_can_be_removed_with_the_keyboard(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550142", "may I see it")
    _pick(page, file("red"), file("green"))
    expect(_added(page)).to_have_count(2)
    remove = page.get_by_role("button", name="Remove this picture")
    remove.first.focus()
    page.keyboard.press("Enter")
    expect(_added(page)).to_have_count(1)
    expect(remove).to_be_focused()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message--out", has=page.locator("img"))).to_contain_text("Delivered")
    assert [(body, count) for body, count, _ in _on_the_phone(stack, "+16145550142")] == [("", 1)]


def test_added_pictures_are_there_after_a_reload_and_after_taking_a_text_back(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550143", "wait for it")
    _pick(page, file("red"))
    expect(_added(page)).to_have_count(1)
    page.reload()
    expect(_added(page)).to_have_count(1)
    page.locator("textarea[name=body]").first.fill("Too soon.")
    page.keyboard.press("Control+Enter")
    page.locator(".message--out", has_text="Too soon.").get_by_role("button", name="Undo").click()
    expect(page.locator(".message--out", has_text="Too soon.")).to_contain_text("Taken back")
    expect(_added(page)).to_have_count(1)
    page.wait_for_timeout(8_000)  # longer than the time for undoing
    assert _on_the_phone(stack, "+16145550143") == []


def test_what_is_no_picture_is_said_and_everything_else_stays(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550144", "a lantern by the gate")
    page.locator("textarea[name=body]").first.fill("Kept words")
    wrong: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"words, not pixels"}
    _pick(page, file("red"), wrong, file("green"))
    expect(page.get_by_text("This picture was not added: it is damaged")).to_be_visible()
    expect(_added(page)).to_have_count(2)
    expect(page.locator("textarea[name=body]").first).to_have_value("Kept words")


def test_nothing_leaves_while_a_picture_is_still_being_added(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550145", "slowly")
    page.locator("textarea[name=body]").first.fill("With a picture.")
    page.route("**/pictures/?key=*", lambda route: (page.wait_for_timeout(1_500), route.continue_()))
    _pick(page, file("red"))
    page.locator("textarea[name=body]").first.press("Control+Enter")
    expect(page.locator(".message--out", has_text="With a picture.")).to_have_count(0)
    expect(_added(page)).to_have_count(1)
    page.locator("textarea[name=body]").first.press("Control+Enter")
    expect(page.locator(".message--out", has_text="With a picture.").locator("img")).to_have_count(1)


def test_pictures_are_looked_at_large_by_keyboard_and_the_focus_comes_back(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550149", "a kite over the hill")
    large = {**file("red"), "buffer": photo("red", (2600, 1500))}
    _pick(page, cast(FilePayload, large), file("green"))
    expect(_added(page)).to_have_count(2)
    page.keyboard.press("r")
    page.locator("textarea[name=body]").first.fill("Two of them.")
    page.keyboard.press("Control+Enter")
    pictures = page.locator(".message--out", has_text="Two of them.").locator(".message__picture")
    expect(pictures).to_have_count(2)
    pictures.first.focus()
    page.keyboard.press("Enter")
    zoom = page.locator("dialog.zoom")
    expect(zoom.get_by_text("Picture 1 of 2")).to_be_visible()
    size = zoom.get_by_role("button", name="Real size")
    size.click()
    expect(size).to_have_attribute("aria-pressed", "true")
    stage = zoom.locator(".zoom__stage")
    assert stage.evaluate("(place) => place.scrollWidth > place.clientWidth")
    size.click()
    assert stage.evaluate("(place) => place.scrollWidth <= place.clientWidth")
    page.keyboard.press("ArrowRight")
    expect(zoom.get_by_text("Picture 2 of 2")).to_be_visible()
    expect(size).to_be_hidden()
    expect(zoom.get_by_role("button", name="The next picture")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(zoom).to_be_hidden()
    expect(pictures.last).to_be_focused()
