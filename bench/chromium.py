"""A real browser, in which somebody has signed in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from simulate.stack import Stack

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-gpu")


def installed() -> str | None:
    """The machine's own browser; without one Playwright takes the one that it brought."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def desk(stack: Stack, session: str) -> Iterator[Page]:
    """An empty page of a browser that has kept nothing but this session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=list(FLAGS))
        context = browser.new_context(base_url=stack.url, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "session", "value": session, "url": stack.url}])
        try:
            yield context.new_page()
        finally:
            browser.close()
