"""Whatever is lost, late or out of order on the way: the screen always ends equal to the database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, WebSocketRoute, expect

from tests.browser.conftest import Stack
from tests.browser.people import desk_of, text_from

HER = "+16145550190"
SOON = 40_000  # milliseconds: longer than the longest wait of the page but one, on a busy machine
numbers = count(1)

# What an open page shows of a conversation and of the list beside it, without what differs between readers: who "you"
# is, and how far other conversations were read.
SHOWN = """() => ({
  entries: [...document.querySelectorAll("#entries > .entry")].map((entry) => [
    entry.id, entry.dataset.sequence, entry.className, (entry.innerText ?? "").replace(/\\s+/g, " ")]),
  days: document.querySelectorAll("#entries > .day").length,
  rows: [...document.querySelectorAll(".rows .row")].map((row) => row.id),
  row: [...document.querySelectorAll(".row:has([aria-current=page]) :is(.row__words, .row__state)")].map(
    (part) => part.innerText),
})"""


@dataclass
class Network:
    """Between the page and the server: frames and answers are held back, lost, refused, or come in another order."""

    page: Page
    sockets: list[WebSocketRoute] = field(default_factory=list)
    frames: list[Callable[[], None]] = field(default_factory=list)
    answers: list[tuple[Route, APIResponse]] = field(default_factory=list)
    holds_frames: bool = False
    answering: str = "as it is"

    def __post_init__(self) -> None:
        self.page.route_web_socket("**/ws/bell/", self._connected)
        self.page.route(lambda url: "/entries/" in url or url.rstrip("/").endswith("/list"), self._asked)

    def cut(self) -> None:
        """The line breaks: what was on its way is lost."""
        self.frames.clear()
        for socket in self.sockets:
            socket.close(code=1012)
        self.sockets.clear()

    def let_go(self) -> None:
        """What was held arrives, the last first."""
        for pass_on in reversed(self.frames):
            pass_on()
        for route, answer in reversed(self.answers):
            route.fulfill(response=answer)
        self.frames.clear()
        self.answers.clear()

    def mend(self) -> None:
        self.holds_frames, self.answering = False, "as it is"
        self.let_go()

    def _connected(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self.sockets.append(socket)
        server.on_message(lambda frame: self._pass(socket, frame))

    def _pass(self, socket: WebSocketRoute, frame: str | bytes) -> None:
        if self.holds_frames:
            self.frames.append(lambda: socket.send(frame) if socket in self.sockets else None)
        else:
            socket.send(frame)

    def _asked(self, route: Route) -> None:
        if self.answering == "lost":
            route.abort()
        elif self.answering == "refused":
            route.fulfill(status=503)
        elif self.answering == "late":
            self.answers.append((route, route.fetch()))
        else:
            route.continue_()


@dataclass
class Desk:
    """Somebody's open page of one conversation, and a colleague who sees things as they are."""

    stack: Stack
    page: Page
    network: Network
    colleague: Page

    def do(self, step: str) -> None:
        number = next(numbers)
        if step == "she writes":
            text_from(self.stack, HER, f"wren {number}")
        elif step == "a colleague notes":
            self._post("notes", f"sparrow {number}")
        elif step == "a colleague replies":
            self._post("replies", f"finch {number}", last_sequence="999999")
        elif step == "she who looks notes":
            self.page.locator("[data-mode=note]").first.click()
            self.page.get_by_label("Your note for colleagues").fill(f"robin {number}")
            with self.page.expect_response(lambda response: "/notes/" in response.url):
                self.page.get_by_role("button", name="Keep note").click()
        elif step == "the line is cut":
            self.network.cut()
        elif step == "frames are held":
            self.network.holds_frames = True
        elif step == "what was held comes":
            self.network.let_go()
        else:
            self.network.answering = step.removeprefix("answers are ")
        self.page.wait_for_timeout(250)

    def _post(self, what: str, body: str, **more: str) -> None:
        hidden = self.colleague.locator(f"form[action$='/{what}/'] [name=key]").first
        token = self.colleague.locator("[name=csrfmiddlewaretoken]").first.input_value()
        sent = {
            "body": body,
            "key": _another(hidden.get_attribute("value") or ""),
            "csrfmiddlewaretoken": token,
            **more,
        }
        path = self.colleague.url.partition("?")[0] + what + "/"
        answer = self.colleague.request.post(path, form=sent, headers={"Referer": self.colleague.url})
        assert answer.status == 201, answer.text()

    def ends_equal(self) -> None:
        """Until no word of it is different, or the time is over."""
        self.network.mend()
        for _ in range(SOON // 1_000):
            self.page.wait_for_timeout(1_000)
            self.colleague.reload()
            truth, shown = self.colleague.evaluate(SHOWN), self.page.evaluate(SHOWN)
            if truth == shown:
                break
        assert shown == truth
        assert len(truth["entries"]) > 1


def _another(key: str) -> str:
    return f"{key[:24]}{next(numbers):012x}"


@pytest.fixture
def desk(stack: Stack, browser: Browser, states: dict[str, Any]) -> Iterator[Desk]:
    text_from(stack, HER, "first wren")
    contexts: list[BrowserContext] = [desk_of(stack, browser, role, states) for role in ("supervisor", "admin")]
    page, colleague = (context.new_page() for context in contexts)
    network = Network(page)
    for one in (page, colleague):
        one.goto("/?view=open")
        one.locator(".rows a", has_text="first wren").click()
        expect(one.locator("#entries .message").first).to_be_visible()
    yield Desk(stack, page, network, colleague)
    for context in contexts:
        context.close()


WORDS = ["she writes", "a colleague notes", "a colleague replies", "she who looks notes"]
FAULTS = ["the line is cut", "frames are held", "what was held comes"]
ANSWERS = ["answers are late", "answers are lost", "answers are refused", "answers are as it is"]
STEPS = st.lists(st.sampled_from([*WORDS, *FAULTS, *ANSWERS]), min_size=4, max_size=9)


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
@given(steps=STEPS)
@example(steps=["frames are held", "she writes", "she who looks notes", "the line is cut"])
@example(steps=["answers are lost", "a colleague replies", "she writes", "answers are late", "she writes"])
def test_the_screen_always_ends_equal_to_the_database(desk: Desk, steps: list[str]) -> None:
    for step in steps:
        desk.do(step)
    desk.ends_equal()
