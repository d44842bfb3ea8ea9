"""A search through everything, over HTTP, as the page asks for it: stretch after stretch."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.browser import Browser
from bench.filling import fill
from bench.serving import pages
from simulate.stack import Stack, running
from trial.environment import of_product, python
from trial.options import ROOT

MESSAGES, RUNS = 1_000_000, 5
NOWHERE, EVERYWHERE = "heliotrope", "question about this week"
GOAL_FIRST, GOAL_SECONDS = 300, {100_000: 0.5, 1_000_000: 4.0}  # milliseconds; seconds by messages
PLACE = re.compile(r'name="place" value="([^"]+)"')
PANES = {"HX-Request": "true"}


@dataclass(frozen=True)
class Search:
    """Seconds of each search that looks at everything, milliseconds until what is everywhere is first seen."""

    messages: int
    conversations: int
    whole: list[float]
    first: list[float]
    stretches: int
    put_together: float


def measure(*, messages: int = MESSAGES, runs: int = RUNS, kept: Path | None = None) -> Search:
    with _filled(messages, kept) as stack, pages(stack) as port:
        put_together = _put_together(stack)
        person = next(person for person in stack.demo["people"] if person["role"] == "supervisor")
        browser = Browser.of(stack, port, person)
        _first(browser)  # connections and plans are there before anything is measured
        found = [_whole(browser) for _ in range(runs)]
        first = [_first(browser) for _ in range(runs)]
    (_seconds, stretches, conversations), *_others = found
    return Search(messages, conversations, [seconds for seconds, *_more in found], first, stretches, put_together)


def table(found: Search) -> str:
    """As it stands in docs/performance.md."""
    seconds, goal = median(found.whole), GOAL_SECONDS.get(found.messages)
    runs = " ".join(f"{one:6.2f}" for one in found.whole)
    said = f"   (goal {goal} s)" if goal else ""
    return "\n".join(
        [
            f"{found.messages:,} messages in {found.conversations:,} conversations",
            f"looked at all of it, s    {runs}   median {seconds:6.2f}{said}",
            f"a message, microseconds   {seconds / found.messages * 1e6:6.2f}",
            f"first results, ms         {' '.join(f'{one:6.0f}' for one in found.first)}"
            f"   median {median(found.first):6.0f}   (goal {GOAL_FIRST} ms)",
            f"requests                  {found.stretches}",
            f"put together in           {found.put_together:.0f} s",
        ]
    )


@contextmanager
def _filled(messages: int, kept: Path | None) -> Iterator[Stack]:
    with TemporaryDirectory(prefix="quietline-bench-") as folder, running(kept or Path(folder) / "data") as stack:
        fill(stack, messages)
        yield stack


def _put_together(stack: Stack) -> float:
    began = time.monotonic()
    environment = of_product(stack.folder, stack.state)
    subprocess.run(python("bench.put_together"), cwd=ROOT, env=environment, check=True)
    return time.monotonic() - began


def _first(browser: Browser) -> float:
    return _asked(browser, "/search/results/", words=EVERYWHERE)[1]


def _whole(browser: Browser) -> tuple[float, int, int]:
    """Seconds, requests and conversations of a search for what is nowhere."""
    page, took = _asked(browser, "/search/results/", words=NOWHERE)
    stretches = 1
    while place := PLACE.search(page):
        page, more = _asked(browser, "/search/more/", words=NOWHERE, place=place[1])
        took, stretches = took + more, stretches + 1
    looked = re.search(r"when you began \(([\d,]+)\)", page)
    if not looked:
        raise RuntimeError("The search did not come to its end.")
    return took / 1000, stretches, int(looked[1].replace(",", ""))


def _asked(browser: Browser, path: str, **content: str) -> tuple[str, float]:
    answer = browser.post(path, PANES, **content)
    if answer.status != 200:
        raise RuntimeError(f"A search was answered with {answer.status}.")
    return answer.text, answer.milliseconds
