"""Lost everything: an admin opens a recovery, she hears of it on her page and by mail, and what follows."""

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Stack
from tests.browser.doors import Visitor
from tests.browser.people import desk_of, prove_again
from tests.browser.test_passkeys import Device

WHY = "lost her phone on the ferry, came by this morning"
WORKS_HERE = """
from accounts.actions.invitations import accept, find_open
accept(find_open({secret!r}), name={name!r}, language="es")
"""
A_DAY_LATER = """
from django.utils import timezone
from accounts.models import Recovery
from tenancy.scope import in_platform
with in_platform():
    Recovery.objects.open().update(due_at=timezone.now())
"""


def _mails(stack: Stack) -> list[dict[str, Any]]:
    with urllib.request.urlopen(stack.twin_url + "/twin/mails", timeout=20) as answer:
        found: list[dict[str, Any]] = json.load(answer)["mails"]
        return found


def _open(stack: Stack, admin: BrowserContext, states: dict[str, Any], name: str) -> Page:
    page = admin.new_page()
    page.goto("/staff/")
    page.get_by_role("link", name=name).click()
    page.get_by_role("link", name="Cannot sign in any more").click()
    prove_again(stack, page, "admin", states)  # however old her factor is by what other tests did
    page.get_by_label("What happened").wait_for()
    Visitor(page).looks()
    page.get_by_label("What happened").fill(WHY)
    page.get_by_role("button", name="Open a recovery").click()
    expect(page.locator(".recoveries li", has_text=name).get_by_text(WHY)).to_be_visible()
    return page


def test_a_recovery_is_opened_seen_and_cancelled_by_whoever_lost_nothing(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    admin = desk_of(stack, browser, "admin", states)
    page = _open(stack, admin, states, stack.person("specialist")["name"])
    Visitor(page).looks()
    desk = desk_of(stack, browser, "specialist", states, viewport={"width": 390, "height": 844})
    hers = desk.new_page()
    hers.goto("/")
    expect(hers.get_by_text("says that you have lost every way of signing in")).to_be_visible()
    assert hers.locator(".account-alerts").bounding_box()["height"] < 200, "the page stays usable"  # type: ignore[index]
    Visitor(hers).looks()
    hers.get_by_role("button", name="Cancel it").click()
    expect(hers.get_by_text("Cancelled. Your ways of signing in stay as they are")).to_be_visible()
    page.reload()
    expect(page.locator(".recoveries li", has_text=stack.person("specialist")["name"])).to_have_count(0)
    mailbox = admin.new_page()
    mailbox.goto(stack.twin_url + "/mail")
    hers_alone = mailbox.locator(".mail", has_text=stack.person("specialist")["email"])
    expect(hers_alone.filter(has_text="a new way in was asked for you")).to_have_count(1)
    expect(hers_alone.filter(has_text="the new way in was cancelled")).to_have_count(1)
    assert WHY not in json.dumps(_mails(stack))
    for context in (admin, desk):
        context.close()


def test_the_link_of_the_console_leads_to_a_new_passkey_and_in(stack: Stack, browser: Browser) -> None:
    email = stack.demo["people"][3]["email"]
    link = stack.manage("recover_admin", email, "--reason", WHY).strip().splitlines()[-1]
    at_name = stack.url.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=at_name)
    page = context.new_page()
    Device.of(page, [])
    page.goto(re.sub(r"^http://[^/]+", at_name, link))
    Visitor(page).looks()
    page.get_by_role("button", name="Continue with a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("button", name="Show my codes").click()
    page.get_by_label("I have printed these codes").check()
    page.get_by_role("button", name="Finish").click()
    page.locator(".views").wait_for()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_recovery_is_waited_for_handed_over_and_used_and_every_state_is_open_to_everybody(
    stack: Stack, browser: Browser, states: dict[str, Any], width: int, scheme: Any
) -> None:
    name, email = f"Runa{width} Tester", f"runa{width}@example.org"
    link = stack.manage("add_staff", email, "--center", stack.demo["center"], "--role", "specialist")
    secret = link.strip().rstrip("/").rpartition("/")[2]
    stack.manage("shell", "-c", WORKS_HERE.format(secret=secret, name=name))
    look = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    desk = desk_of(stack, browser, "admin", states, **look)
    page = _open(stack, desk, states, name)
    admin, row = Visitor(page), page.locator(".recoveries li", has_text=name)
    expect(row.get_by_text("Waits until a second admin agrees")).to_be_visible()
    admin.looks()
    stack.manage("shell", "-c", A_DAY_LATER)
    page.reload()
    expect(row.get_by_text("A link can be made now")).to_be_visible()
    admin.looks()
    admin.presses(row.get_by_role("button", name="Make a link"))
    expect(row.get_by_text("A link is out")).to_be_visible()
    admin.looks()
    address = page.locator("#recovery-link").inner_text()

    context = browser.new_context(base_url=stack.url, locale="es", **look)
    hers = Visitor(context.new_page(), "es")
    hers.page.goto(re.sub(r"^http://[^/]+", stack.url, address))
    hers.looks()
    hers.presses(hers.page.locator(".door__form button").nth(1))
    hers.page.wait_for_url("**/set-up/password/")
    hers.looks()
    hers.page.goto(re.sub(r"^http://[^/]+", stack.url, address))
    hers.looks()
    page.goto("/staff/")
    expect(row.get_by_text("Used:")).to_be_visible()
    admin.looks()
    for one in (desk, context):
        one.close()
