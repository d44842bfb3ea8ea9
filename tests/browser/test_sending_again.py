"""A text that did not reach her, in a real browser: sent again with one click, taken back, changed."""

import json
import urllib.request
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, received_by, text_from

HER = "+16145550159"


def her_phone_is(stack: Stack, plan: str) -> None:
    person = json.dumps({"number": HER, "name": "Iris", "plan": plan}).encode()
    request = urllib.request.Request(f"{stack.twin_url}/twin/people", person, {"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


def write(page: Page, words: str) -> None:
    page.locator("textarea[name=body]").first.fill(words)
    page.locator("textarea[name=body]").first.press("Control+Enter")


def test_a_text_that_failed_goes_again_with_one_click_and_its_words_are_never_doubled(
    browser: Browser, stack: Stack, states: dict[str, Any]
) -> None:
    text_from(stack, HER, "Is the meadow gate open")
    page = desk_of(stack, browser, "specialist", states).new_page()
    page.goto("/?view=open")
    page.get_by_role("link", name="Is the meadow gate open").click()
    her_phone_is(stack, "undelivered_30003")
    write(page, "The meadow gate is open")
    expect(page.get_by_text("Her phone could not be reached")).to_be_visible(timeout=20_000)
    her_phone_is(stack, "failed_30007")
    write(page, "Meadow gate at four")
    change = page.get_by_role("button", name="Change the words")
    expect(change).to_be_visible(timeout=20_000)
    her_phone_is(stack, "delivered")

    page.locator("textarea[name=body]").first.press_sequentially("half a word")
    change.click()
    field = page.locator("textarea[name=body]").first
    expect(field).to_have_value("Meadow gate at four\n\nhalf a word")

    page.get_by_role("button", name="Send again").click()
    last = page.locator(".message--out").last
    expect(last).to_contain_text("The meadow gate is open")
    last.get_by_role("button", name="Undo").click()
    expect(last).to_contain_text("Taken back before it was sent")
    expect(field).to_have_value("The meadow gate is open\n\nMeadow gate at four\n\nhalf a word")

    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".message--out").last).to_contain_text("Delivered", timeout=20_000)
    expect(page.get_by_text("It was sent again: see below.")).to_have_count(1)
    assert received_by(stack, HER).count("The meadow gate is open") == 2, "the one that failed, and the one that came"
    page.reload()
    expect(field).to_have_value("The meadow gate is open\n\nMeadow gate at four\n\nhalf a word")
