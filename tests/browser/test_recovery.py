"""Lost everything: an admin opens a recovery, she hears of it on her page and by mail, and what follows."""

import json
import re
import urllib.request
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, prove_again
from tests.browser.test_passkeys import Device

WHY = "lost her phone on the ferry, came by this morning"


def _is_open_to_everybody(page: Page) -> None:
    faults = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in faults] == []


def _mails(stack: Stack) -> list[dict[str, Any]]:
    with urllib.request.urlopen(stack.twin_url + "/twin/mails", timeout=20) as answer:
        found: list[dict[str, Any]] = json.load(answer)["mails"]
        return found


def _open(stack: Stack, admin: BrowserContext, states: dict[str, Any]) -> Page:
    page, name = admin.new_page(), stack.person("specialist")["name"]
    page.goto("/staff/")
    page.get_by_role("link", name=name).click()
    page.get_by_role("link", name="Cannot sign in any more").click()
    prove_again(stack, page, "admin", states)  # however old her factor is by what other tests did
    page.get_by_label("What happened").wait_for()
    _is_open_to_everybody(page)
    page.get_by_label("What happened").fill(WHY)
    page.get_by_role("button", name="Open a recovery").click()
    expect(page.get_by_text(WHY)).to_be_visible()
    return page


def test_a_recovery_is_opened_seen_and_cancelled_by_whoever_lost_nothing(
    stack: Stack, browser: Browser, states: dict[str, Any]
) -> None:
    admin = desk_of(stack, browser, "admin", states)
    page = _open(stack, admin, states)
    _is_open_to_everybody(page)
    desk = desk_of(stack, browser, "specialist", states, viewport={"width": 390, "height": 844})
    hers = desk.new_page()
    hers.goto("/")
    expect(hers.get_by_text("says that you have lost every way of signing in")).to_be_visible()
    assert hers.locator(".account-alerts").bounding_box()["height"] < 200, "the page stays usable"  # type: ignore[index]
    _is_open_to_everybody(hers)
    hers.get_by_role("button", name="Cancel it").click()
    expect(hers.get_by_text("Cancelled. Your ways of signing in stay as they are")).to_be_visible()
    page.reload()
    expect(page.get_by_text(WHY)).to_have_count(0)
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
    _is_open_to_everybody(page)
    page.get_by_role("button", name="Continue with a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("button", name="Show my codes").click()
    page.get_by_label("I have printed these codes").check()
    page.get_by_role("button", name="Finish").click()
    page.locator(".views").wait_for()
    context.close()
