"""One simulation: the load, the faults, the quiet afterwards, and what the oracle says."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile
from typing import Any

from simulate.desk import Desk, Written
from simulate.faults import FAULTS, chosen
from simulate.stack import Stack, running

LINE = "+16145550199"
CLIENTS = [f"+1614555{number:04d}" for number in range(110, 190)]
WRITERS, DESKS = 24, 8
CANARY = "kiwi-lantern"
QUIET = 150.0  # seconds after the last fault by which everything must have settled

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much, for how long, and the number that chooses what breaks when."""

    seed: int
    texts: int
    replies: int
    faults: int
    seconds: float


@dataclass
class Result:
    """What became of it. `broken` names every promise that did not hold."""

    seed: int
    seconds: int
    counts: dict[str, int]
    faults: dict[str, int]
    broken: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.broken


def simulate(plan: Plan, *, say: Say) -> Result:
    """Run a stack of its own through the plan. The seed chooses texts and faults; the machine's own timing varies."""
    with running() as stack:
        say(f"the stack runs; seed {plan.seed}")
        written, began = Written(), time.monotonic()
        struck = _strain(stack, plan, written)
        say(f"load and faults are over after {time.monotonic() - began:.0f} s; waiting for quiet")
        answer = _until_quiet(stack, written)
        answer["broken"] += _told(stack)
    counts = {"texts of clients": plan.texts, "faults": sum(struck.values()), "kinds of faults": len(struck)}
    return Result(plan.seed, round(time.monotonic() - began), counts | answer["counts"], dict(struck), answer["broken"])


def _strain(stack: Stack, plan: Plan, written: Written) -> Counter[str]:
    """Write, reply and break at the same time; return how often each fault struck."""
    desk = Desk(stack)
    struck: Counter[str] = Counter()
    breaking = threading.Thread(target=_break, args=(stack, plan, struck))
    began = time.monotonic()
    with ThreadPoolExecutor(WRITERS) as texts, ThreadPoolExecutor(DESKS) as replies:
        breaking.start()
        doing = [texts.submit(_write, stack, plan, number, began) for number in range(plan.texts)]
        doing += [replies.submit(_reply, desk, plan, number, began, written) for number in range(plan.replies)]
        for one in doing:
            one.result()
    breaking.join()
    stack.twin("DELETE", "/twin/faults")
    return struck


def _write(stack: Stack, plan: Plan, number: int, began: float) -> None:
    """A text at its time. Whether it was heard is the oracle's question, not ours."""
    _wait_for(began + plan.seconds * number / plan.texts)
    chance = Random(f"{plan.seed}:text:{number}")
    body = f"{CANARY} {number} " + chance.choice(["¿Hay alguien?", "can you call me 👋", "thanks", "x" * 700])
    stack.twin("POST", "/twin/send", {"from": chance.choice(CLIENTS), "to": LINE, "body": body})


def _reply(desk: Desk, plan: Plan, number: int, began: float, written: Written) -> None:
    _wait_for(began + 3 + plan.seconds * number / plan.replies)
    chance = Random(f"{plan.seed}:reply:{number}")
    desk.reply(f"{CANARY} reply {number} of {plan.seed}", chance, written)


def _break(stack: Stack, plan: Plan, struck: Counter[str]) -> None:
    began = time.monotonic()
    chance = Random(f"{plan.seed}:faults")
    for number, kind in enumerate(chosen(chance, plan.faults)):
        _wait_for(began + plan.seconds * number / plan.faults)
        FAULTS[kind](stack, chance)
        struck[kind] += 1


def _wait_for(moment: float) -> None:
    time.sleep(max(moment - time.monotonic(), 0))


def _until_quiet(stack: Stack, written: Written) -> dict[str, Any]:
    """Ask the oracle until everything holds, or until it had to."""
    deadline = time.monotonic() + QUIET
    with NamedTemporaryFile("w", suffix=".json") as file:
        while True:
            ledger = stack.twin("GET", "/twin/ledger")
            told = {"messages": ledger["messages"], "acknowledged": written.acknowledged, "unsure": written.unsure}
            Path(file.name).write_text(json.dumps(told))
            try:
                answer: dict[str, Any] = stack.ask_oracle(file.name)
            except RuntimeError as problem:  # the database may still be coming back
                answer = {"broken": [f"the oracle could not ask: {str(problem)[-300:]}"], "counts": {}}
            if not answer["broken"] or time.monotonic() > deadline:
                return answer
            time.sleep(3)


def _told(stack: Stack) -> list[str]:
    """I6: words of clients in no log, no file of Valkey's, and not in what waits on disk."""
    mark, found = CANARY.encode(), []
    for folder in ("logs", "valkey", "spool", "postgresql"):
        for file in (stack.data / folder).rglob("*"):
            if file.is_file() and mark in _content(file):
                found.append(f"I6: a client's words stand in {folder}/{file.name}")
    return found[:5]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""  # PostgreSQL removed it meanwhile
