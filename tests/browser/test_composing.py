"""Writing a reply, as only a browser shows it: ready words by keyboard, the count of parts, a question first."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from messaging.actions.words.parts import BASIC, EXTENDED, FOLDS, parts_of, with_plain_marks
from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

expect.set_options(timeout=15_000)
TYPED = BASIC.replace("\r", "") + EXTENDED  # a field on a page holds no carriage return
SIGNS = [*TYPED, *FOLDS, *"áíóúÁÍÓÚñ¿¡", "😀", "👩‍👩‍👧", "🇲🇽", "שלום", "\u202e"]


@pytest.fixture
def page(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[Page]:
    context: BrowserContext = desk_of(stack, browser, "supervisor", states)
    yield context.new_page()
    context.close()


def open_thread(stack: Stack, page: Page, number: str, words: str) -> Any:
    text_from(stack, number, words)
    page.goto("/")
    page.locator(".rows a", has_text=words).click()
    expect(page.locator(".message__body", has_text=words)).to_be_visible()
    return page.locator("textarea[data-draft]")


def call_her(page: Page, name: str) -> None:
    page.get_by_label("First name, if she gave one").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name).first).to_be_visible()


def test_ready_words_are_found_and_taken_by_keyboard_in_the_place_of_the_slash(stack: Stack, page: Page) -> None:
    field = open_thread(stack, page, "+16145550241", "a heron on the pier")
    field.click()
    page.keyboard.type("Hello and/or 1/2 ")
    expect(page.get_by_role("listbox", name="Ready words")).to_be_hidden()
    page.keyboard.type("/")
    search = page.get_by_role("combobox", name="Search ready words")
    expect(search).to_be_focused()
    expect(page.locator("#ready-words").get_by_role("option")).to_have_count(6)
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("still")
    expect(page.locator("#ready-words").get_by_role("option", selected=True)).to_contain_text("Still there?")
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value("Hello and/or 1/2 I am still here if you would like to go on. Take your time.")

    page.keyboard.type(" /")
    expect(search).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    expect(field).to_have_value("Hello and/or 1/2 I am still here if you would like to go on. Take your time. /")


def test_the_page_counts_parts_as_the_server_does_and_offers_plain_marks(stack: Stack, page: Page) -> None:
    field = open_thread(stack, page, "+16145550242", "an otter under the bridge")
    chance = random.Random(20261128)
    texts = ["".join(chance.choices(SIGNS, k=chance.randrange(400))) for _ in range(150)]
    texts += ["".join(chance.choices(TYPED, k=chance.randrange(700))) for _ in range(150)]
    asked = "texts => { const it = document.querySelector('text-parts');"
    counted = page.evaluate(asked + "return texts.map(text => [it.partsOf(text), it.folded(text)]) }", texts)
    for text, (found, folded) in zip(texts, counted, strict=True):
        assert (found["units"], found["parts"]) == (parts_of(text).units, parts_of(text).count), repr(text)
        assert folded == with_plain_marks(text)

    field.fill("It\u2019s all right \u2014 " * 8)
    expect(page.locator(".composer__count")).to_contain_text("3 texts · about 4¢")
    page.get_by_role("button", name="Use plain ones").click()
    expect(field).to_have_value("It's all right - " * 8)
    expect(page.locator(".composer__count")).to_contain_text("1 text")
    field.fill("¿Cómo está? " * 8)
    expect(page.get_by_role("button", name="Use plain ones")).to_be_hidden()


def test_a_name_that_is_not_hers_is_asked_about_and_can_be_gone_back_to_or_sent(stack: Stack, page: Page) -> None:
    open_thread(stack, page, "+16145550243", "a wren in the hedge")
    call_her(page, "Philippa")
    field = open_thread(stack, page, "+16145550244", "a finch in the barn")
    field.fill("Hi Philippa, I am here.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Nothing has been sent yet.")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    page.get_by_role("button", name="Go back").click()
    expect(field).to_be_focused()
    expect(field).to_have_value("Hi Philippa, I am here.")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".message--out", has_text="Hi Philippa, I am here.")).to_be_visible()


def test_a_note_that_is_half_typed_is_there_again_though_its_page_is_left_at_once(stack: Stack, page: Page) -> None:
    open_thread(stack, page, "+16145550245", "a plover in the sand")
    page.get_by_role("button", name="Note", exact=True).click()
    note = page.get_by_label("Your note for colleagues")
    note.fill("call her mother never")
    with page.expect_response(lambda answer: answer.url.endswith("/draft/") and answer.status == 204):
        page.get_by_role("button", name="Close", exact=True).focus()
    page.reload()
    expect(note).to_have_value("call her mother never")


def test_what_was_typed_in_two_windows_is_shown_in_the_second_and_put_together(stack: Stack, page: Page) -> None:
    field = open_thread(stack, page, "+16145550246", "a curlew over the marsh")
    other = page.context.new_page()
    other.goto(page.url)
    with page.expect_response(lambda answer: answer.url.endswith("/draft/") and answer.status == 204):
        field.fill("Come at ten.")
    second = other.locator("textarea[data-draft]")
    second.fill("Call me first.")
    expect(other.get_by_text("You have typed something else in another window.")).to_be_visible()
    expect(other.locator("[data-beside]")).to_contain_text("Come at ten.")
    with other.expect_response(lambda answer: answer.url.endswith("/draft/") and answer.status == 204):
        other.get_by_role("button", name="Put both together").click()
    other.reload()
    expect(second).to_have_value("Come at ten.\n\nCall me first.")
    expect(other.get_by_text("You have typed something else in another window.")).to_be_hidden()


def test_a_reply_is_kept_for_later_by_keyboard_and_taken_back_with_its_moment(stack: Stack, page: Page) -> None:
    field = open_thread(stack, page, "+16145550247", "a grebe by the weir")
    field.fill("I will think of you tomorrow.")
    page.get_by_role("button", name="Later", exact=True).press("Enter")
    assert not Axe().run(page).response["violations"]
    page.get_by_role("button", name="Tomorrow, 9 am").press("Enter")
    page.get_by_label("When it leaves").press("Enter")
    waits = page.get_by_role("region", name="Texts that leave later")
    expect(waits).to_contain_text("I will think of you tomorrow.")
    expect(field).to_have_value("")
    waits.get_by_role("button", name="Take back or change").click()
    expect(field).to_have_value("I will think of you tomorrow.")
    expect(page.get_by_label("When it leaves")).to_have_value(re.compile("T09:00$"))
    expect(waits).to_be_hidden()
