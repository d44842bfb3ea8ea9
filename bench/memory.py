"""What the whole stack needs: idle, and while texts come in and twenty people read and reply."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import fmean, linear_regression
from urllib.parse import urlsplit

from bench.browser import Browser
from bench.listening import listening, people
from bench.load import CLIENTS, prepared, trickle
from bench.processes import CACHE, TWIN, parts
from bench.push import target_of
from simulate.desk import CONVERSATION, LAST
from simulate.stack import Stack, running
from tenancy.ids import uuid7

MINUTES, STAFF, PER_SECOND = 30.0, 20, 5.0
ACT_EVERY, REPLIES = 0.5, 10  # seconds between two acts of anybody; every tenth one is a reply
SAMPLE_EVERY, REST = 10.0, 20.0  # seconds; of rest before the idle stack is looked at
MEAN = 3  # samples that stand for one moment
WARM = 0.2  # of the time, at most WARMEST minutes: caches fill and every page has been drawn once
WARMEST = 5.0
GOAL_IDLE, GOAL_GROWTH, GOAL_MINUTES = 450, 5, 30  # megabytes, percent

Sample = tuple[float, dict[str, float]]  # minutes since the start, megabytes of each part


@dataclass(frozen=True)
class Memory:
    """Megabytes of each part at rest, and again and again during the soak; what was done meanwhile."""

    idle: dict[str, float]
    samples: list[Sample]
    minutes: float
    texts: int
    read: int
    replied: int

    @property
    def warm(self) -> list[Sample]:
        warm = min(self.minutes * WARM, WARMEST)
        return [sample for sample in self.samples if sample[0] >= warm]

    def slope(self, name: str) -> float:
        """Megabytes a minute, of what remained after the warming up."""
        times, values = [at for at, _ in self.warm], [found[name] for _, found in self.warm]
        return linear_regression(times, values).slope if len(times) > 1 else 0.0


def ours(found: dict[str, float]) -> float:
    """Of everything but the twin, which stands for Twilio."""
    return sum(value for name, value in found.items() if name != TWIN)


def measure(*, minutes: float = MINUTES) -> Memory:
    """Look at a stack that does nothing, then at the same one at work."""
    with running() as stack:
        time.sleep(REST)
        return watch(stack, minutes)


def watch(stack: Stack, minutes: float) -> Memory:
    """Look at this stack as it is, then while it is at work."""
    idle, port = parts(stack), urlsplit(stack.state.address).port or 80
    staff = people(stack, STAFF, STAFF)
    with listening(stack, port, staff):
        browsers = [Browser(stack, port, person.session) for person in staff]
        return _soak(stack, port, browsers, minutes, idle)


def _soak(stack: Stack, port: int, browsers: list[Browser], minutes: float, idle: dict[str, float]) -> Memory:
    target, chance, samples = target_of(stack, port), Random(20261127), list[Sample]()  # noqa: S311  # not a secret
    requests = prepared(target, CLIENTS, int(minutes * 60 * PER_SECOND))
    texting = threading.Thread(target=lambda: asyncio.run(trickle(target, requests, PER_SECOND)), daemon=True)
    began, acts, replied = time.monotonic(), 0, 0
    texting.start()
    while (now := time.monotonic() - began) < minutes * 60:
        if now >= len(samples) * SAMPLE_EVERY:
            samples.append((now / 60, parts(stack)))
        acts += 1
        replied += _act(chance.choice(browsers), chance.choice, replies=acts % REPLIES == 0)
        time.sleep(max(began + acts * ACT_EVERY - time.monotonic(), 0))
    texting.join()
    return Memory(idle, samples, minutes, len(requests), acts, replied)


def _act(browser: Browser, choose: Callable[[list[str]], str], *, replies: bool) -> bool:
    """Somebody looks at her list, opens a conversation of it and perhaps replies; whether she did."""
    found = sorted(set(CONVERSATION.findall(browser.get("/inbox/list/?view=open").text)))
    if not found:
        return False
    page = f"/conversations/{choose(found)}/"
    last = LAST.search(browser.get(page, **{"HX-Request": "true"}).text)
    if not replies or last is None:
        return False
    said = {"body": "We are here until six. Which day is good?", "key": str(uuid7())}
    answer = browser.post(f"{page}replies/", last_sequence=last.group(1) or last.group(2), **said)
    return answer.status == 201


def table(found: Memory) -> str:
    """As it stands in docs/performance.md."""
    first, last = _mean(found.warm[:MEAN]), _mean(found.warm[-MEAN:])
    names = list(found.idle)
    rows = [f"{'megabytes':20}    idle   warmed up   at the end   a minute"]
    rows += [_row(name, found.idle[name], first[name], last[name], found.slope(name)) for name in names]
    slope = sum(found.slope(name) for name in names if name != TWIN)
    rows.append(_row("all but the twin", ours(found.idle), ours(first), ours(last), slope))
    since = found.minutes - found.warm[0][0]
    measured, cache = ours(last) / ours(first) - 1, found.slope(CACHE)
    whole, without = (each * GOAL_MINUTES / ours(first) for each in (slope, slope - cache))
    rows.append(f"idle    {ours(found.idle):.0f} MB   (goal {GOAL_IDLE} MB)")
    rows.append(
        f"growth  {measured:.1%} in the {since:.0f} minutes after warming up; at this slope {whole:.1%} in"
        f" {GOAL_MINUTES} minutes, {without:.1%} without {CACHE}   (goal {GOAL_GROWTH} %)"
    )
    rows.append(f"{found.texts} texts, {found.read} times a list and a thread, {found.replied} replies, {STAFF} people")
    return "\n".join(rows)


def _row(name: str, *values: float) -> str:
    *sizes, slope = values
    return f"{name:20}" + "".join(f"{size:8.0f}    " for size in sizes).rstrip() + f"   {slope:+8.2f}"


def _mean(samples: list[Sample]) -> dict[str, float]:
    return {name: fmean(found[name] for _, found in samples) for name in samples[0][1]}
