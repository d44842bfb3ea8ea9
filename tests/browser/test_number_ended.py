"""A number that is not hers any more, said on an open page: it changes at once, and nothing typed is lost."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, received_by, text_from

HER = "+16145550163"


def test_an_open_page_lets_go_of_a_number_that_is_not_hers_and_takes_it_up_again_with_what_was_typed(
    browser: Browser, stack: Stack, states: dict[str, Any]
) -> None:
    text_from(stack, HER, "Is the vineyard path dry")
    desk = desk_of(stack, browser, "specialist", states)
    page, beside = desk.new_page(), desk.new_page()
    for one in (page, beside):
        one.goto("/?view=open")
        one.get_by_role("link", name="Is the vineyard path dry").click()
    field = page.get_by_role("textbox", name="Your reply")
    field.press_sequentially("The vineyard path is dry")
    page.get_by_role("button", name="This number is not hers any more").click()
    page.get_by_label("It was hers, and has a new owner now").check()
    page.get_by_role("button", name="End it").click()

    ended = page.locator(".ended")
    expect(ended).to_contain_text("This number no longer reaches her")
    expect(field).to_have_count(0)
    assert Axe().run(page).response["violations"] == []
    expect(beside.locator(".ended")).to_be_visible(timeout=15_000)
    expect(beside.get_by_role("button", name="Send", exact=True)).to_be_hidden()
    page.reload()
    expect(page.locator("message-composer")).to_contain_text("The vineyard path is dry")

    page.get_by_role("button", name="It was a mistake").click()
    expect(field).to_have_value("The vineyard path is dry")
    field.press("Control+Enter")
    sent = page.locator(".message--out", has_text="The vineyard path is dry")
    expect(sent).to_contain_text("Delivered", timeout=20_000)
    assert "The vineyard path is dry" in received_by(stack, HER)
