"""The demo as a newcomer meets it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack


@pytest.mark.parametrize("role", ["admin", "specialist"])
def test_the_demo_signs_in_with_what_the_start_has_printed(page: Page, stack: Stack, role: str) -> None:
    page.goto("/sign-in/")
    page.locator("input[name=email]").fill(stack.person(role)["email"])
    page.locator("input[name=password]").fill(stack.demo["password"])
    page.locator("main form .button--primary").click()
    page.locator("input[name=code]").fill(stack.code(role))
    page.locator("main form .button--primary").click()
    page.wait_for_url(f"{stack.url}/")
    expect(page.locator("main")).to_be_visible()


def test_the_phone_page_answers(page: Page, stack: Stack) -> None:
    assert page.goto(stack.twin_url).ok
    expect(page.locator("body")).to_contain_text("Maya")
