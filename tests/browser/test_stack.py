"""The demo as a newcomer meets it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import sign_in


@pytest.mark.parametrize("role", ["admin", "specialist"])
def test_the_demo_signs_in_with_what_the_start_has_printed(page: Page, stack: Stack, role: str) -> None:
    sign_in(stack, page, role)
    expect(page).to_have_url(f"{stack.url}/")


def test_the_phone_page_answers(page: Page, stack: Stack) -> None:
    assert page.goto(stack.twin_url).ok
    expect(page.locator("body")).to_contain_text("Maya")
