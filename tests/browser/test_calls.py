"""A call that nobody takes, seen from a desk: it appears by itself, and what she left can be heard."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import call_from, desk_of, text_from

PLAYED = """async (audio) => {
  audio.muted = true
  await audio.play()
  await new Promise((ended) => audio.addEventListener("ended", ended))
  return audio.duration
}"""


@pytest.fixture
def page(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[Page]:
    context = desk_of(stack, browser, "supervisor", states)
    yield context.new_page()
    context.close()


def test_a_voicemail_appears_in_an_open_thread_and_can_be_heard(stack: Stack, page: Page) -> None:
    text_from(stack, "+16145550131", "a lamp in the hall")
    page.goto("/")
    page.locator(".rows a", has_text="a lamp in the hall").click()
    call_from(stack, "+16145550131", "voicemail")
    left = page.locator(".call", has_text="She called and left a message")
    expect(left).to_be_visible(timeout=15_000)
    expect(page.locator(".rows a", has_text="Voicemail").first).to_be_visible()
    expect(left.locator("audio")).to_be_visible(timeout=15_000)
    assert left.locator("audio").evaluate(PLAYED) > 0


def test_a_voicemail_that_cannot_be_had_says_so_and_plays_once_it_can(stack: Stack, page: Page) -> None:
    text_from(stack, "+16145550134", "a bicycle by the gate")
    page.goto("/")
    page.locator(".rows a", has_text="a bicycle by the gate").click()
    call_from(stack, "+16145550134", "voicemail")
    left = page.locator(".call", has_text="She called and left a message")
    expect(left.locator("audio")).to_be_visible(timeout=15_000)
    page.route("**/voicemails/**", lambda route: route.abort())
    trouble = left.get_by_text("Her message cannot be played just now.")
    expect(trouble).to_be_hidden()
    left.locator("audio").focus()
    page.keyboard.press("Space")
    expect(trouble).to_be_visible()
    page.unroute("**/voicemails/**")
    left.locator("audio").evaluate("audio => { audio.muted = true }")
    left.get_by_role("button", name="Try again").click()
    expect(trouble).to_be_hidden()
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0")


def test_a_call_that_nobody_takes_is_owed_and_settled_in_the_page(stack: Stack, page: Page) -> None:
    call_from(stack, "+16145550132", "hang_up_ringing")
    page.goto("/")
    page.locator(".rows a", has_text="Missed call").first.click()
    expect(page.locator(".call", has_text="She called, nobody answered").first).to_be_visible()
    page.locator(".follow-up", has_text="She called and nobody answered").get_by_role("button", name="We spoke").click()
    expect(page.locator(".follow-up", has_text="She called and nobody answered")).to_have_count(0)
