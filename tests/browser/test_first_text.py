"""Somebody who has never seen it, and who reads no manual, answers a first text.

With QUIETLINE_SCREENS=folder each step is kept there as a picture.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, received_by, sign_in, text_from

A_MINUTE = 60  # seconds
expect.set_options(timeout=15_000)  # milliseconds: the machine may be busy
WORDS = ("reply", "send", "delivered", "language", "save")
NAMES = {
    "en": dict(zip(WORDS, ("Your reply", "Send", "Delivered", "Language", "Save"), strict=True)),
    "es": dict(zip(WORDS, ("Su respuesta", "Enviar", "Entregado", "Idioma", "Guardar"), strict=True)),
}
LOOKS = [
    (1440, 900, "dark", "es"),
    (1024, 768, "light", "en"),
    (1024, 768, "dark", "es"),
    (390, 844, "dark", "en"),
    (390, 844, "light", "es"),
]


def _keep(page: Page, look: str, step: str) -> None:
    """The picture of a step, and what nobody should have to put up with in it."""
    if folder := os.environ.get("QUIETLINE_SCREENS"):
        page.screenshot(path=Path(folder) / f"{look}-{step}.png")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in found] == []


def _answer(stack: Stack, page: Page, number: str, look: str, language: str) -> None:
    """Only what the page itself shows is used: her words, the field, the button beside it."""
    names, words = NAMES[language], f"is this the number for {look}"
    _keep(page, look, "1-inbox")
    text_from(stack, number, words)
    page.locator(".rows a", has_text=words).click()
    expect(page.locator(".message__body", has_text=words)).to_be_in_viewport()
    send = page.get_by_role("button", name=names["send"], exact=True)
    expect(send).to_be_in_viewport()
    _keep(page, look, "2-conversation")
    page.get_by_label(names["reply"]).fill(f"Yes, {look}. I am here.")
    _keep(page, look, "3-written")
    send.click()
    mine = page.locator(".message--out", has_text=f"Yes, {look}.")
    expect(mine).to_be_in_viewport()
    _keep(page, look, "4-on-its-way")
    expect(mine).to_contain_text(names["delivered"])
    _keep(page, look, "5-delivered")
    assert f"Yes, {look}. I am here." in received_by(stack, number)


@contextmanager
def _speaking(page: Page, language: str) -> Iterator[None]:
    """Her pages in a language that she chooses in her settings; in English again afterwards."""
    _choose(page, "en", language)
    try:
        yield
    finally:
        _choose(page, language, "en")


def _choose(page: Page, now: str, language: str) -> None:
    if now == language:
        return
    page.goto("/settings/")
    page.get_by_label(NAMES[now]["language"], exact=True).select_option(language)
    page.get_by_role("button", name=NAMES[now]["save"], exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_a_first_text_is_answered_within_a_minute_of_signing_in(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(base_url=stack.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(stack, page, "specialist")
    began = time.monotonic()
    _answer(stack, page, "+16145550160", "1440-light-en", "en")
    assert time.monotonic() - began < A_MINUTE
    context.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_a_first_text_is_answered_on_every_screen_and_in_both_languages(
    stack: Stack, browser: Browser, states: dict[str, Any], look: tuple[int, int, str, str]
) -> None:
    width, height, scheme, language = look
    number = f"+1614555016{1 + LOOKS.index(look)}"
    view = {"width": width, "height": height}
    context = desk_of(stack, browser, "specialist", states, viewport=view, color_scheme=scheme)
    page = context.new_page()
    with _speaking(page, language):
        page.goto("/")
        _answer(stack, page, number, f"{width}-{scheme}-{language}", language)
    context.close()
