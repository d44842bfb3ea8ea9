"""A shift ends: said beforehand, made longer with one click, and at its end nothing is left on the screen or lost."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from simulate.stack import Stack as Parts
from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from
from tests.frozen import hanging

HERS = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Membership, Roster
from encryption.blind_index import email_index
from tenancy.scope import in_platform
with in_platform():
    hers = Membership.objects.get(staff__email_index=email_index({email!r}))
    Roster.objects.filter(membership=hers).delete()
    if {seconds!r} is not None:
        until = timezone.now() + timedelta(seconds={seconds!r} or 0)
        Roster.objects.create(membership=hers, center_id=hers.center_id, extended_until=until)
"""


def end_in(stack: Stack, seconds: int | None) -> None:
    """Bind the specialist to hours of which so many seconds are left; None lets her in at any hour."""
    stack.manage("shell", "-c", HERS.format(email=stack.person("specialist")["email"], seconds=seconds))


@pytest.fixture
def desk(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[BrowserContext]:
    context = desk_of(stack, browser, "specialist", states)
    yield context
    end_in(stack, None)
    context.close()


@pytest.fixture
def admin(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[Page]:
    context = desk_of(stack, browser, "admin", states)
    page = context.new_page()
    page.goto("/staff/")
    page.get_by_role("link", name="Naomi").click()
    yield page
    context.close()


def test_a_shift_is_seen_to_end_is_made_longer_and_ends(stack: Stack, desk: BrowserContext, admin: Page) -> None:
    text_from(stack, "+16145550183", "a lantern on the pier")
    page, notice = desk.new_page(), "Your shift ends in a minute."
    end_in(stack, 45)
    page.goto("/")
    page.locator(".rows a", has_text="a lantern on the pier").click()
    expect(page.get_by_text(notice).first).to_be_visible()
    expect(page.locator("#announcements")).to_contain_text(notice)
    assert Axe().run(page).response["violations"] == []

    admin.reload()
    admin.get_by_role("button", name="1 hour").click()
    expect(admin.get_by_text("Longer for today")).to_be_visible()
    expect(page.locator(".shift-end").get_by_text(notice)).to_be_hidden(timeout=20_000)

    end_in(stack, 12)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".shift-end").get_by_text(notice)).to_be_visible()
    page.locator("textarea[name=body]").first.press_sequentially("I was just about to tell you", delay=60)
    expect(page.get_by_role("heading", name="Outside your hours")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("a lantern on the pier")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", name="Outside your hours")).to_be_visible()
    assert Axe().run(page).response["violations"] == []

    admin.get_by_role("button", name="15 minutes").click()
    expect(page.locator(".views")).to_be_visible(timeout=20_000)
    page.locator(".rows a", has_text="a lantern on the pier").click()
    expect(page.locator("textarea[name=body]").first).to_have_value("I was just about to tell you")


@pytest.mark.parametrize("valkey_hangs", [False, True], ids=["valkey answers", "valkey hangs"])
def test_an_open_socket_closes_within_five_seconds_of_the_end(
    stack: Stack, desk: BrowserContext, valkey_hangs: bool
) -> None:
    end_in(stack, 8)
    page = desk.new_page()
    page.goto("/settings/")  # it has no bell of its own, which would load it anew
    page.evaluate(
        """() => new Promise((opened) => {
            window.bell = new WebSocket(location.origin.replace(/^http/, "ws") + "/ws/bell/")
            bell.onopen = opened
            bell.onclose = ({ code }) => sessionStorage.setItem("closed", `${code} ${Date.now()}`)
        })"""
    )
    ends = page.evaluate("async () => Date.now() + 1000 * (await (await fetch('/shift/')).json()).seconds")
    page.locator("shift-end").evaluate_all("(all) => all.forEach((one) => one.remove())")
    parts = Parts(stack.data, urlsplit(stack.url).port or 0)
    with hanging(parts, "valkey") if valkey_hangs else nullcontext():
        page.wait_for_function("() => sessionStorage.getItem('closed')", timeout=20_000)
    code, closed = page.evaluate("() => sessionStorage.getItem('closed')").split()
    assert code == "4403"
    assert -1_500 < int(closed) - ends < 5_000
