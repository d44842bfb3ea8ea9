"""What an open page shows of words that are found to be from somebody else."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

expect.set_options(timeout=15_000)
PHONE = "+16145550185"


def test_words_of_somebody_else_leave_the_open_page_of_a_colleague_and_it_is_asked_who_writes(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    mine, hers = (desk_of(stack, browser, role, states) for role in ("supervisor", "admin"))
    page, other = mine.new_page(), hers.new_page()
    text_from(stack, PHONE, "a kettle on the porch")
    text_from(stack, PHONE, "a hammer in the shed")
    page.goto("/")
    page.locator(".rows a", has_text="a hammer in the shed").click()
    page.wait_for_url("**/conversations/**")
    other.goto(page.url)
    expect(other.locator("#entries")).to_contain_text("a hammer in the shed")

    page.locator(".message", has_text="a hammer in the shed").get_by_text("From somebody else?").click()
    expect(page.get_by_role("heading", name="From here on it is somebody else")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    page.get_by_label("Several people use this phone").check()
    page.get_by_role("button", name="Move it").click()

    expect(other.locator("#entries")).to_contain_text("A message that stood here is from somebody else")
    expect(other.locator("#entries")).to_contain_text("a kettle on the porch")
    expect(other.locator("#entries")).not_to_contain_text("a hammer in the shed")
    expect(page.locator("#entries")).to_contain_text("a hammer in the shed")
    expect(page.locator("#entries")).not_to_contain_text("a kettle on the porch")
    assert not Axe().run(page).response["violations"]

    page.locator("#who-writes").get_by_role("button", name="until").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    page.get_by_role("dialog").get_by_text("I spoke with her and know her voice").click()
    page.get_by_role("button", name="It is her").click()
    expect(page.locator("#who-writes")).to_have_count(0)
    expect(page.get_by_text("Before this: another conversation with her")).to_be_visible()
    for desk in (mine, hers):
        desk.close()
