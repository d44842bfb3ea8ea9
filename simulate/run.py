"""One simulation: the load, the faults, the quiet afterwards, and what the oracle says."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile
from typing import Any

from simulate.breakable import BreakableStack, breakable
from simulate.faults import FAULTS, chosen
from simulate.load import Load
from simulate.matrix.inside import KILLED
from simulate.matrix.servers import ON_A_SMALL_DISK
from simulate.people import CANARY
from simulate.plan import Plan, Result
from simulate.points import disarm, fired

QUIET = 120.0  # seconds in which something of what is to be done must have been done
STRIKES_AT_ONCE = 3
ASK_AGAIN, SAY_EVERY = 4.0, 15.0  # seconds
MORE_FILES = 40  # descriptors that a process may hold more of than when nothing had broken yet

Say = Callable[[str], None]


def simulate(plan: Plan, *, say: Say) -> Result:
    """Run a stack of its own through the plan. The seed chooses texts and faults; the machine's own timing varies."""
    with breakable() as stack:
        say(f"the stack runs; again with: {plan.command}")
        load = Load(stack, plan)
        load.prepare()
        files, began = stack.open_files(), time.monotonic()
        struck, left = _strain(load, say)
        say(f"load and faults are over after {time.monotonic() - began:.0f} s; waiting for quiet")
        stack.twin("DELETE", "/twin/faults")
        answer = _until_quiet(load, files, say)
        answer["broken"] += _told(stack)
        struck += Counter({KILLED + name: count for name, count in fired(stack.points).items()})
    counts = {
        "texts of clients": load.pace.texts,
        "faults": sum(struck.values()),
        "kinds of faults": len(struck),
        "places to die that nobody passed": left,
    }
    left_out = [] if stack.small_disk else list(ON_A_SMALL_DISK)
    seconds = round(time.monotonic() - began)
    return Result(plan, seconds, counts | answer["counts"], dict(struck), left_out, answer["broken"])


def _strain(load: Load, say: Say) -> tuple[Counter[str], int]:
    """Write, reply and break at the same time; return how often each fault struck, and the places nobody passed."""
    struck: Counter[str] = Counter()
    over = threading.Event()
    telling = threading.Thread(target=_tell, args=(load, struck, over, say))
    telling.start()
    try:
        with ThreadPoolExecutor(1) as breaking:
            left = breaking.submit(_break, load, struck)
            load.run()
        return +struck, left.result()
    finally:
        over.set()
        telling.join()


def _break(load: Load, struck: Counter[str]) -> int:
    """Strike by strike, each at its time; those that take longer overlap with the next."""
    plan, stack = load.plan, load.stack
    without = () if stack.small_disk else tuple(ON_A_SMALL_DISK)

    def strike(number: int, kind: str) -> None:
        load.pace.wait_for(plan.seconds * number / plan.faults)
        FAULTS[kind](stack, Random(f"{plan.seed}:fault:{number}"))
        struck[kind] += not kind.startswith(KILLED)  # who died where is counted when it has happened

    with ThreadPoolExecutor(STRIKES_AT_ONCE) as striking:
        kinds = chosen(Random(f"{plan.seed}:faults"), plan.faults, without)
        for one in [striking.submit(strike, number, kind) for number, kind in enumerate(kinds)]:
            one.result()
    return disarm(stack.points)


def _tell(load: Load, struck: Counter[str], over: threading.Event, say: Say) -> None:
    began = time.monotonic()
    while not over.wait(SAY_EVERY):
        done = f"{load.pace.texts} texts, {load.pace.replies} replies, {sum(struck.values())} faults"
        say(f"{time.monotonic() - began:5.0f} s  {done}")


def _until_quiet(load: Load, files: dict[str, int], say: Say) -> dict[str, Any]:
    """Ask the oracle until everything holds, or until nothing has become less for so long that it never will."""
    least, deadline = float("inf"), 0.0
    with NamedTemporaryFile("w", suffix=".json") as file:
        while True:
            answer = _ask(load, file.name)
            answer["broken"] += _grown(files, load.stack.open_files())
            if answer["undone"] < least:
                least, deadline = answer["undone"], time.monotonic() + QUIET
            if not answer["broken"] or time.monotonic() > deadline:
                break
            say(f"not yet: {answer['undone']} things to do; {_in_short(answer['broken'])}")
            time.sleep(ASK_AGAIN)
    for page in load.pages:
        page.close()
    answer["counts"]["answers that browsers got"] = sum(load.desk.answers.counts.values())
    answer["counts"]["sockets that browsers opened"] = sum(page.connections for page in load.pages)
    return answer


def _in_short(broken: list[str]) -> str:
    """One promise of each kind, and how many there are of it."""
    kinds = Counter(promise.rpartition(":")[0] for promise in broken)
    first = {promise.rpartition(":")[0]: promise for promise in reversed(broken)}
    return "; ".join(f"{first[kind]} ({count})" for kind, count in kinds.items())


def _ask(load: Load, file: str) -> dict[str, Any]:
    stack, written = load.stack, load.written
    told = stack.twin("GET", "/twin/ledger?only=messages,calls")
    told |= asdict(written)
    told["odd"] = load.desk.answers.odd
    told["pages"] = {str(page.conversation): page.shown() for page in load.pages}
    told["doubled"] = [name for page in load.pages for name in page.doubled]
    Path(file).write_text(json.dumps(told))
    try:
        answer: dict[str, Any] = stack.ask_oracle(file)
    except RuntimeError as problem:  # the database may still be coming back
        answer = {"broken": [f"the oracle could not ask: {str(problem)[-300:]}"], "counts": {}, "undone": float("inf")}
    return answer


def _grown(before: dict[str, int], now: dict[str, int]) -> list[str]:
    """I8: no process holds many more descriptors than when nothing had broken yet."""
    return [
        f"I8: {name} holds {count} descriptors, {before.get(name, 0)} before"
        for name, count in now.items()
        if count > before.get(name, 0) + MORE_FILES
    ]


def _told(stack: BreakableStack) -> list[str]:
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
