"""Passkeys in a real browser, with Chromium's virtual authenticator: added, used, copied, not verified, misplaced."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import sign_in

SOON = 15_000  # milliseconds: the machine may be busy
expect.set_options(timeout=SOON)
WHO = "specialist"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Device:
    """A virtual authenticator: what a phone or a computer would be."""

    session: CDPSession
    id: str

    @classmethod
    def of(cls, page: Page, keys: list[dict[str, Any]]) -> "Device":
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        device = cls(session, made["authenticatorId"])
        for key in keys:
            device.session.send("WebAuthn.addCredential", {"authenticatorId": device.id, "credential": key})
        return device

    def keys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return found

    def verifies(self, *, is_her: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_her})


@pytest.fixture
def context(stack: Stack, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=stack.url.replace("127.0.0.1", "localhost"))
    yield context
    context.close()


@pytest.fixture(scope="module")
def keys(stack: Stack, browser: Browser) -> list[dict[str, Any]]:
    """A key that this person adds on her settings page, as her device holds it."""
    context = browser.new_context(base_url=stack.url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    device = Device.of(page, [])
    sign_in(stack, page, WHO)
    page.goto("/settings/")
    page.get_by_role("link", name="Add a passkey").first.click()
    page.get_by_label("Name of the passkey").fill("my phone")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("Your passkey is added")).to_be_visible()
    expect(page.locator(".passkeys")).to_contain_text("my phone")
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
    made = device.keys()
    context.close()
    assert len(made) == 1
    return made


def _at_the_door(context: BrowserContext, keys: list[dict[str, Any]]) -> tuple[Page, Device]:
    page = context.new_page()
    device = Device.of(page, keys)
    page.goto("/sign-in/")
    return page, device


def _moved_on(keys: list[dict[str, Any]], device: Device) -> None:
    """The key is one and the same from test to test: its counter moves with it."""
    keys[:] = device.keys()


def test_one_click_and_the_device_sign_in(context: BrowserContext, keys: list[dict[str, Any]]) -> None:
    page, device = _at_the_door(context, keys)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator(".views").wait_for()
    assert page.context.cookies()
    _moved_on(keys, device)


def test_the_keyboard_alone_signs_in(context: BrowserContext, keys: list[dict[str, Any]]) -> None:
    page, device = _at_the_door(context, keys)
    for _ in range(2):  # the skip link stands first
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".views").wait_for()
    _moved_on(keys, device)


def test_a_passkey_is_the_second_step_after_the_password(
    stack: Stack, context: BrowserContext, keys: list[dict[str, Any]]
) -> None:
    page, device = _at_the_door(context, keys)
    page.get_by_label("E-mail").fill(stack.person(WHO)["email"])
    page.get_by_label("Password").fill(stack.demo["password"])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Go on with a passkey").click()
    page.locator(".views").wait_for()
    _moved_on(keys, device)


def test_whoever_is_not_verified_by_her_device_is_told_that_nothing_happened(
    context: BrowserContext, keys: list[dict[str, Any]]
) -> None:
    page, device = _at_the_door(context, keys)
    device.verifies(is_her=False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Nothing happened")).to_be_visible()
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
    device.verifies(is_her=True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator(".views").wait_for()
    _moved_on(keys, device)


def test_an_address_of_digits_leads_to_the_one_that_passkeys_belong_to(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(base_url=stack.url)
    page, _device = _at_the_door(context, [])
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Passkeys belong to one address")).to_be_visible()
    page.get_by_role("link", name="localhost").click()
    expect(page).to_have_url(stack.url.replace("127.0.0.1", "localhost") + "/sign-in/")
    context.close()


def test_a_server_that_cannot_be_reached_is_said_in_words(context: BrowserContext) -> None:
    page, _device = _at_the_door(context, [])
    context.set_offline(True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Quietline could not be reached just now")).to_be_visible()


def test_a_browser_without_passkeys_says_so(context: BrowserContext) -> None:
    context.add_init_script("delete window.PublicKeyCredential")
    page, _device = _at_the_door(context, [])
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("cannot use passkeys")).to_be_visible()


def test_a_device_that_has_a_key_makes_no_second_one(context: BrowserContext, keys: list[dict[str, Any]]) -> None:
    page, device = _at_the_door(context, keys)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator(".views").wait_for()
    page.goto("/settings/passkeys/")
    page.get_by_label("Name of the passkey").fill("again")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("This device has a passkey of yours already")).to_be_visible()
    _moved_on(keys, device)


OLD = """
from django.contrib.sessions.models import Session
from accounts.session_store import SessionStore
for row in Session.objects.all():
    kept = row.get_decoded()
    if "proved_at" in kept:
        row.session_data = SessionStore().encode({**kept, "proved_at": 0})
        row.save()
"""


def test_a_form_goes_on_by_itself_after_a_fresh_factor(
    stack: Stack, context: BrowserContext, keys: list[dict[str, Any]]
) -> None:
    page, device = _at_the_door(context, keys)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator(".views").wait_for()
    page.goto("/settings/")
    stack.manage("shell", "-c", OLD)
    page.locator(".passkeys summary").first.click()
    page.get_by_label("Name of the passkey").first.fill("the desk at the window")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    expect(page.get_by_text("What you filled in is kept")).to_be_visible()
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
    page.get_by_role("button", name="Confirm with a passkey").click()
    expect(page).to_have_url(re.compile("/settings/$"))
    expect(page.locator(".passkeys")).to_contain_text("the desk at the window")
    _moved_on(keys, device)


def test_a_copied_key_is_refused_and_shut(context: BrowserContext, keys: list[dict[str, Any]]) -> None:
    """Last: afterwards the key opens nothing."""
    page, _device = _at_the_door(context, [{**keys[0], "signCount": 0}])
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("so it may have been copied")).to_be_visible()
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []


def test_an_invitation_leads_to_a_desk_by_a_passkey_alone(stack: Stack, context: BrowserContext) -> None:
    link = stack.manage("add_staff", "noor@example.org", "--center", stack.demo["center"], "--role", "specialist")
    page = context.new_page()
    Device.of(page, [])
    page.goto(urlsplit(link.strip()).path)
    page.get_by_label("Your name").fill("Noor Tester")
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
    page.get_by_role("button", name="Continue with a passkey").click()
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("button", name="Show my codes").click()
    page.get_by_label("I have printed these codes").check()
    page.get_by_role("button", name="Finish").click()
    page.locator(".views").wait_for()
    page.goto("/settings/")
    expect(page.get_by_text("You have one way to sign in")).to_be_visible()
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
