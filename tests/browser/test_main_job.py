"""A text comes in, a person answers: on real parts, seen from a desk and from a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, received_by, text_from

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


def _open(stack: Stack, page: Page, number: str, words: str) -> None:
    text_from(stack, number, words)
    page.goto("/")
    page.locator(".rows a", has_text=words).click()
    expect(page.locator(".message__body", has_text=words)).to_be_visible()


def _reply(page: Page, words: str) -> None:
    page.locator("textarea[name=body]").first.fill(words)
    page.keyboard.press("Control+Enter")


def test_a_text_appears_in_an_open_inbox_without_reload(stack: Stack, page: Page) -> None:
    page.goto("/")
    text_from(stack, "+16145550121", "a lantern by the window")
    expect(page.locator(".rows a", has_text="a lantern by the window")).to_be_visible()


def test_a_reply_reaches_the_phone_and_its_status_rises_in_place(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550122", "good evening")
    _reply(page, "Good evening, I am here.")
    mine = page.locator(".message--out", has_text="Good evening, I am here.")
    expect(mine).to_contain_text("Waiting to be sent")
    expect(mine).to_contain_text("Delivered")
    assert received_by(stack, "+16145550122").count("Good evening, I am here.") == 1


def test_a_first_contact_is_answered_by_itself_once(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550123", "is somebody there")
    text_from(stack, "+16145550123", "hello?")
    expect(page.locator(".message--out", has_text="Sent automatically")).to_contain_text("Delivered")
    expect(page.locator(".message__body", has_text="hello?")).to_be_visible()
    assert len(received_by(stack, "+16145550123")) == 1


def test_a_half_typed_reply_and_its_focus_survive_arriving_news(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550124", "first words")
    field = page.locator("textarea[name=body]").first
    field.fill("half a thou")
    text_from(stack, "+16145550124", "second words")
    expect(page.locator(".message__body", has_text="second words")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("half a thou")


def test_a_half_typed_reply_is_there_again_after_a_reload(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550125", "a quiet question")
    with page.expect_response(lambda response: "/draft/" in response.url and response.status == 204):
        page.locator("textarea[name=body]").first.fill("kept on the server")
    page.reload()
    expect(page.locator("textarea[name=body]").first).to_have_value("kept on the server")


def test_of_two_answers_at_once_the_second_sees_the_first_and_keeps_its_words(
    stack: Stack, page: Page, browser: Browser, states: dict[str, Any]
) -> None:
    _open(stack, page, "+16145550126", "whoever reads this")
    other = desk_of(stack, browser, "admin", states)
    second = other.new_page()
    second.route_web_socket("**/ws/bell/", lambda socket: None)  # she has not heard of the first answer
    second.route(lambda url: "/entries/" in url, lambda route: route.abort())  # and has asked in vain
    second.goto(page.url)
    _reply(page, "The first answer.")
    expect(page.locator(".message--out", has_text="The first answer.")).to_be_visible()
    _reply(second, "The second answer.")
    expect(second.get_by_text("have not been sent")).to_be_visible()
    expect(second.locator("textarea[name=body]").first).to_have_value("The second answer.")
    second.get_by_role("button", name="Send anyway").click()
    expect(second.locator(".message--out", has_text="The second answer.")).to_be_visible()
    other.close()


def test_an_undone_reply_never_leaves_and_its_words_come_home(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550127", "please wait")
    _reply(page, "Sent too soon.")
    page.locator(".message--out", has_text="Sent too soon.").get_by_role("button", name="Undo").click()
    expect(page.locator(".message--out", has_text="Sent too soon.")).to_contain_text("Taken back")
    expect(page.locator("textarea[name=body]").first).to_have_value("Sent too soon.")
    page.wait_for_timeout(8_000)  # longer than the time for undoing
    assert "Sent too soon." not in received_by(stack, "+16145550127")


def test_a_note_is_kept_in_the_thread_and_never_leaves(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550128", "a word for you")
    page.keyboard.press("Escape")
    page.get_by_text("Note", exact=True).first.click()
    page.get_by_label("Your note for colleagues").fill("only among ourselves")
    page.get_by_role("button", name="Keep note").click()
    expect(page.locator(".note", has_text="only among ourselves")).to_be_visible()
    page.wait_for_timeout(3_000)
    assert not any("ourselves" in words for words in received_by(stack, "+16145550128"))


def test_her_stop_shuts_the_composer_and_her_start_opens_it(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550129", "not today")
    text_from(stack, "+16145550129", "STOP")
    expect(page.get_by_text("She asked us to stop texting")).to_be_visible()
    text_from(stack, "+16145550129", "START")
    page.reload()
    expect(page.get_by_text("She asked us to stop texting")).to_be_hidden()


def test_a_conversation_closes_with_an_outcome_and_opens_when_she_writes(stack: Stack, page: Page) -> None:
    _open(stack, page, "+16145550130", "thank you so much")
    page.get_by_role("button", name="Close", exact=True).first.click()
    page.locator("#close-dialog").get_by_text("Her question is answered").click()
    page.get_by_role("button", name="Close conversation").click()
    expect(page.get_by_text("This conversation is done")).to_be_visible()
    text_from(stack, "+16145550130", "one more thing")
    page.goto("/")
    expect(page.locator(".rows a", has_text="one more thing")).to_be_visible()


def test_without_live_news_the_page_says_so_and_asks_instead(stack: Stack, page: Page) -> None:
    page.route_web_socket("**/ws/bell/", lambda socket: socket.close(code=1013))
    page.goto("/")
    expect(page.get_by_text("Live news is paused")).to_be_visible()
    text_from(stack, "+16145550131", "found by asking")
    expect(page.locator(".rows a", has_text="found by asking")).to_be_visible(timeout=25_000)


def test_signing_out_leaves_nothing_behind_the_back_button(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    context = desk_of(stack, browser, "specialist", states)
    page = context.new_page()
    text_from(stack, "+16145550132", "behind the door")
    page.goto("/")
    page.locator(".rows a", has_text="behind the door").click()
    page.locator(".header__person").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    page.go_back()
    expect(page.get_by_text("behind the door")).to_be_hidden()
    states.pop("specialist")
    context.close()
