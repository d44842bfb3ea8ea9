"""Every door of an account in every state: by keyboard alone, wide and light in English, narrow and dark in Spanish."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack
from tests.browser.doors import Visitor
from trial.welcome import code_of

PASSWORD = "eleven amber kettles"
LOOKS = [(1440, 900, "light", "en"), (390, 844, "dark", "es")]
TRIES = 12  # more than any door takes in a row
LISTED = """
from accounts.models import Center
from tenancy.scope import in_center
with in_center({center!r}):
    Center.objects.filter(pk={center!r}).update(networks=["192.0.2.0/24"])
"""
OFF_SHIFT = """
from accounts.models import Membership, Roster
from encryption.blind_index import email_index
from tenancy.scope import in_platform
with in_platform():
    hers = Membership.objects.get(staff__email_index=email_index({email!r}), center={center!r})
    Roster.objects.create(membership=hers, center_id=hers.center_id)
"""


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[2]}-{look[3]}")
def visitor(request: pytest.FixtureRequest, stack: Stack, browser: Browser) -> Iterator[Visitor]:
    width, height, scheme, language = request.param
    view = {"width": width, "height": height}
    context = browser.new_context(base_url=stack.url, viewport=view, color_scheme=scheme, locale=language)
    yield Visitor(context.new_page(), language)
    context.close()


def _invited(stack: Stack, email: str, center: str) -> str:
    """The path of a link for somebody new, or for somebody who works elsewhere already."""
    return urlsplit(stack.manage("add_staff", email, "--center", center, "--role", "specialist").strip()).path


def _send(page: Page) -> None:
    """Send the form that has the focus as it is, whatever the browser itself would say of it."""
    with page.expect_navigation():
        page.locator(":focus").evaluate("(one) => { one.form.noValidate = true; one.form.requestSubmit() }")


def _comes_in(stack: Stack, visitor: Visitor, email: str) -> list[str]:
    """From a link to the inbox with a password and an authenticator, each page refused once; her recovery codes."""
    page, link = visitor.page, _invited(stack, email, stack.demo["center"])
    problem, button = page.locator(".field__error:visible"), page.locator(".door__form button[type=submit]")
    page.goto(link)
    visitor.looks()
    visitor.goes_to(page.locator("#id_name"))
    _send(page)
    visitor.is_refused(page.locator("#id_name"), problem)
    visitor.types(page.locator("#id_name"), "Tove Tester")
    visitor.presses(button.nth(1))
    page.wait_for_url("**/set-up/password/")
    visitor.looks()
    visitor.types(page.locator("#id_password"), "short")
    page.keyboard.press("Enter")
    visitor.is_refused(page.locator("#id_password"), problem)
    visitor.types(page.locator("#id_password"), PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/set-up/authenticator/")
    visitor.looks()
    visitor.types(page.locator("#id_code"), "000000")
    page.keyboard.press("Enter")
    visitor.is_refused(page.locator("#id_code"), problem)
    key = (page.locator("#totp-key").text_content() or "").replace(" ", "")
    visitor.types(page.locator("#id_code"), code_of(key))
    page.keyboard.press("Enter")
    page.wait_for_url("**/set-up/recovery-codes/")
    visitor.looks()
    visitor.presses(button)
    page.locator(".codes").wait_for()
    visitor.looks()
    visitor.goes_to(page.locator("#id_kept"))
    _send(page)
    visitor.is_refused(page.locator("#id_kept"), problem)
    codes = page.locator(".codes code").all_inner_texts()
    visitor.goes_to(page.locator("#id_kept"))
    page.keyboard.press("Space")
    visitor.presses(button)
    page.locator(".views").wait_for()
    page.goto(link)
    expect(page.locator("h1")).to_be_visible()
    return codes


def _is_asked_to_wait(visitor: Visitor, field: str, words: str) -> None:
    """Be wrong again and again until the door takes no more tries."""
    for _ in range(TRIES):
        visitor.types(visitor.page.locator(field), words)
        with visitor.page.expect_navigation():
            visitor.page.keyboard.press("Enter")
        if not visitor.page.locator(field).count():
            return visitor.looks()
    raise AssertionError("nobody was asked to wait")


def test_whoever_comes_in_for_the_first_time_meets_every_door_and_opens_it_by_keyboard_alone(
    stack: Stack, visitor: Visitor
) -> None:
    page, email = visitor.page, f"tove-{visitor.language}@example.org"
    page.goto("/invitation/opened-by-mistake/")
    visitor.looks()
    codes = _comes_in(stack, visitor, email)
    there = re.search(r"[0-9a-f-]{36}", stack.manage("add_center", f"Lighthouse {visitor.language}"))
    assert there is not None
    center = there.group()

    page.goto(_invited(stack, email, center))  # a second place
    visitor.looks()
    visitor.presses(page.locator(".door__form button"))
    page.locator(".views").wait_for()
    page.goto("/centers/")
    expect(page.locator("main").get_by_text("Lighthouse")).to_be_visible()
    visitor.looks()

    page.keyboard.press("l")
    page.wait_for_url("**/confirm/?*")
    visitor.looks()
    visitor.types(page.locator("#id_code"), "000000")
    page.keyboard.press("Enter")
    visitor.is_refused(page.locator("#id_code"), page.locator(".field__error:visible"))
    visitor.types(page.locator("#id_code"), codes[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/centers/")

    stack.manage("shell", "-c", LISTED.format(center=center))
    page.goto("/")
    visitor.looks()
    expect(page.locator("code")).to_have_text("127.0.0.1")
    visitor.presses(page.locator("a[href='/centers/']"))
    stack.manage("shell", "-c", OFF_SHIFT.format(email=email, center=stack.demo["center"]))
    visitor.presses(page.locator("form[action='/centers/enter/'] button"))
    page.wait_for_url("**/off-shift/")
    visitor.looks()
    stack.manage("recover_admin", email, "--reason", "looked at the door")
    page.reload()
    visitor.looks()
    visitor.presses(page.locator(".account-alert button"))  # outside her hours too
    expect(page.locator(".account-alert")).to_have_count(0)

    visitor.presses(page.locator(".door__form button"))
    page.wait_for_url("**/sign-in/")
    visitor.types(page.locator("#id_email"), email)
    visitor.types(page.locator("#id_password"), PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code/")
    visitor.looks()
    visitor.types(page.locator("#id_code"), "000000")
    page.keyboard.press("Enter")
    visitor.is_refused(page.locator("#id_code"), page.locator(".field__error:visible"))
    _is_asked_to_wait(visitor, "#id_code", "000000")
    visitor.presses(page.locator(".door a.button"))
    expect(page.locator("#id_code")).to_be_visible()


def test_a_stranger_at_the_door_is_told_why_and_where_and_then_to_wait(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/sign-in/?next=/follow-ups/")
    visitor.looks()
    visitor.types(page.locator("#id_email"), f"nobody-{visitor.language}@example.org")
    visitor.types(page.locator("#id_password"), "a guess")
    page.keyboard.press("Enter")
    visitor.is_refused(page.locator("#id_email"), page.locator("#form-errors"))
    _is_asked_to_wait(visitor, "#id_password", "a guess")
    visitor.presses(page.locator(".door a.button"))
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=%2Ffollow-ups%2F$"))
