"""The inbox in a real browser: what it weighs, how soon a text is seen, how soon it answers to a hand."""

import gzip
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import Response

from bench.chromium import desk
from bench.filling import fill
from bench.listening import listening, people
from bench.load import CLIENTS, Target
from bench.push import places, send, target_of
from simulate.stack import Stack, running

MESSAGES, TEXTS, STAFF, SOCKETS, SWITCHES = 2000, 200, 4, 50, 20
SLOWER = 4  # times that the processor is slowed down while somebody works
GOAL_FIRST, GOAL_SWITCH = 120_000, 15_000  # bytes
GOAL_P50, GOAL_P99, GOAL_PAINT = 150, 500, 100  # milliseconds
QUIET = 1000  # milliseconds after which nothing more of a page comes

# Of each text that she sent: its number, and when the frame that shows it was drawn.
WATCH = """() => {
  window.shown = []
  const note = (entry) => requestAnimationFrame(() => {
    window.shown.push([Number(entry.dataset.sequence), performance.timeOrigin + performance.now()])
  })
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.matches?.("[data-inbound]")) note(node)
  }).observe(document.getElementById("entries"), { childList: true })
}"""
# Event Timing (W3C): of each interaction the longest of its events, from the hand until the next paint.
TIME = """() => {
  window.interactions = {}
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
      if (interactionId) interactions[interactionId] = Math.max(interactions[interactionId] ?? 0, duration)
  }).observe({ type: "event", durationThreshold: 16 })
}"""


@dataclass(frozen=True)
class Weight:
    """Answers, their bytes as they were sent, what gzip makes of those that were not compressed, and all heads."""

    answers: int
    sent: int
    compressed: int
    heads: int


@dataclass(frozen=True)
class Page:
    """The first load, one change to another conversation, milliseconds until shown, and until painted."""

    rows: int
    first: Weight
    switch: Weight
    shown: list[float]
    missed: int
    paints: list[float]


def measure() -> Page:
    with running() as stack:
        return look(stack)


def look(stack: Stack, texts: int = TEXTS, sockets: int = SOCKETS, switches: int = SWITCHES) -> Page:
    fill(stack, MESSAGES)
    everybody = people(stack, STAFF, sockets)
    mine = next(person for person in everybody if person.all)
    with desk(stack, mine.session) as page:
        first = _weight_of(page, lambda: page.goto("/?view=open"))
        rows = page.locator("[data-row]").count()
        page.locator("[data-row]").first.click()
        switch = _weight_of(page, page.locator("[data-row]").nth(1).click)
        paints = _paints(page, switches)
        with listening(stack, _port(stack), everybody):
            shown, missed = _shown(stack, page, texts)
    return Page(rows, first, switch, shown, missed, paints)


def table(found: Page) -> str:
    """As it stands in docs/performance.md."""
    shown, paints = (quantiles(values, n=100) for values in (found.shown, found.paints))
    return "\n".join(
        [
            f"first load, {found.rows} rows    {_said(found.first)}   (goal {GOAL_FIRST / 1000:.0f} KB compressed)",
            f"another conversation   {_said(found.switch)}   (goal {GOAL_SWITCH / 1000:.0f} KB)",
            f"answered to shown      p50 {shown[49]:6.1f} ms   p99 {shown[98]:6.1f} ms"
            f"   {len(found.shown)} texts, {found.missed} missed   (goal {GOAL_P50} and {GOAL_P99} ms)",
            f"hand to paint, {SLOWER}x slower  p75 {paints[74]:6.1f} ms   p98 {paints[97]:6.1f} ms"
            f"   {len(found.paints)} interactions   (goal {GOAL_PAINT} ms)",
        ]
    )


def _said(weight: Weight) -> str:
    sizes = (weight.compressed, weight.sent, weight.heads)
    compressed, sent, heads = (f"{size / 1000:.1f} KB" for size in sizes)
    return f"{compressed} compressed, {sent} as sent, {heads} of heads in {weight.answers} answers"


def _port(stack: Stack) -> int:
    return urlsplit(stack.url).port or 80


@contextmanager
def _answers(page: BrowserPage) -> Iterator[list[Response]]:
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    yield answers
    page.remove_listener("response", note)


def _weight_of(page: BrowserPage, act: Callable[[], object]) -> Weight:
    with _answers(page) as answers:
        act()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(QUIET)
    sizes = [answer.request.sizes() for answer in answers]
    return Weight(
        len(answers),
        sum(size["responseBodySize"] for size in sizes),
        sum(map(_compressed, answers)),
        sum(size["responseHeadersSize"] for size in sizes),
    )


def _compressed(answer: Response) -> int:
    """What is no text, or compressed already, weighs what it weighs."""
    is_text = answer.headers.get("content-type", "").startswith("text/")
    if is_text and "content-encoding" not in answer.headers:
        return len(gzip.compress(answer.body(), 6))
    return answer.request.sizes()["responseBodySize"]


def _paints(page: BrowserPage, switches: int) -> list[float]:
    """Somebody goes through conversations, writes, and opens what can be opened."""
    page.evaluate(TIME)
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    for turn in range(switches):
        _work(page, turn)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return list(page.evaluate("() => Object.values(interactions)"))


def _work(page: BrowserPage, turn: int) -> None:
    page.locator("[data-row]").nth(turn).click()
    page.wait_for_timeout(QUIET / 2)
    page.keyboard.press("r")
    page.keyboard.type("We are here until six. ", delay=30)
    page.keyboard.press("Escape")
    for key in ("e", "Escape", "g", "Escape", "j"):
        page.keyboard.press(key)
        page.wait_for_timeout(QUIET / 4)


def _shown(stack: Stack, page: BrowserPage, texts: int) -> tuple[list[float], int]:
    """Milliseconds from each answer to the frame that shows its text in an open conversation."""
    target, client = target_of(stack, _port(stack)), CLIENTS[:1]
    (conversation, _number), *_ = places(stack, _sent(target, client, 1)).values()
    page.goto(f"/conversations/{conversation}/")
    page.evaluate(WATCH)
    answered = _sent(target, client, texts)
    page.wait_for_timeout(QUIET)
    between = time.time() - time.monotonic()  # from the clock of the processes to that of the page
    drawn = dict(page.evaluate("() => shown"))
    numbers = {sid: number for sid, (_conversation, number) in places(stack, answered).items()}
    seen = {sid: moment for sid, moment in answered.items() if numbers[sid] in drawn}
    waits = [drawn[numbers[sid]] - (moment + between) * 1000 for sid, moment in seen.items()]
    return waits, texts - len(waits)


def _sent(target: Target, clients: list[str], texts: int) -> dict[str, float]:
    """In a thread: Playwright's own loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(send, target, clients, texts).result()
