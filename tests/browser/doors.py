"""A browser at a door: looked at in every state, and walked by the keyboard alone."""

from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

MOST_STEPS = 40  # of the Tab key, to anywhere on a page of a door
HAS_A_RING = """(one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return one.matches(":focus-visible") && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2
}"""
IS_WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
DESCRIBED = """(one) => (one.getAttribute("aria-describedby") ?? "").split(" ")
    .map((id) => document.getElementById(id)?.textContent ?? "").join(" ")"""


@dataclass
class Visitor:
    """Somebody at a browser who uses no mouse."""

    page: Page
    language: str = "en"

    def looks(self) -> None:
        """The page is quiet, fits the screen, speaks her language, and a screen reader stumbles over nothing."""
        self.page.wait_for_load_state()
        assert self.page.title().endswith("Quietline")
        assert self.page.locator("html").get_attribute("lang") == self.language
        assert not self.page.evaluate(IS_WIDER)
        assert self.page.locator("h1").count() == 1
        faults = Axe().run(self.page).response["violations"]
        assert not faults, [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in faults]

    def goes_to(self, place: Locator) -> None:
        """Press Tab until it has the focus, which can be seen at every step."""
        for _ in range(MOST_STEPS):
            if place.evaluate("(one) => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            focused = self.page.locator(":focus")
            if focused.count():
                assert focused.evaluate(HAS_A_RING), focused.evaluate("(one) => one.outerHTML.slice(0, 120)")
        raise AssertionError(f"no key leads to {place}")

    def presses(self, place: Locator) -> None:
        self.goes_to(place)
        self.page.keyboard.press("Enter")

    def types(self, place: Locator, words: str) -> None:
        self.goes_to(place)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(words)

    def is_refused(self, field: Locator, problem: Locator) -> None:
        """What is wrong is said, the focus is where it can be put right, and a screen reader says why there."""
        expect(problem).to_be_visible()
        expect(field).to_be_focused()
        assert problem.inner_text().strip() in field.evaluate(DESCRIBED)
        self.looks()
