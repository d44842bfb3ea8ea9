"""The whole simulation of bad input: servers of its own, a process for each processor, and one result."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trial.folder import DataFolder
from trial.manage import manage
from trial.options import ROOT

Say = Callable[[str], None]
FOREVER = 10.0**9


@dataclass(frozen=True)
class Plan:
    """How many, how long at the most, and the number that chooses them. `only` runs one case alone."""

    seed: int
    cases: int = 20_000
    seconds: float = FOREVER
    processes: int = os.cpu_count() or 1
    only: int | None = None


@dataclass
class Result:
    """What was asked and what broke. `failures` has the numbers of some cases that show each."""

    seed: int
    seconds: int
    cases: int
    asked: dict[str, int]
    opened: dict[str, int]
    statuses: dict[str, int]
    kinds: dict[str, int]
    looked: int
    slowest: float
    megabytes: int
    failures: dict[str, list[int]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.failures


def simulate(plan: Plan, *, say: Say) -> Result:
    """Start PostgreSQL and Valkey in a folder that is thrown away, and run every case against the product."""
    with TemporaryDirectory(prefix="quietline-bad-") as folder:
        answer = Path(folder) / "result.json"
        task = json.dumps({"plan": vars(plan), "answer": str(answer)})
        code = manage(DataFolder(Path(folder) / "data"), [sys.executable, "-m", "simulate.bad.run", task])
        if code or not answer.exists():
            raise RuntimeError("The simulation did not come to its end; what it said stands above.")
        result = Result(**json.loads(answer.read_text()))
    say(f"{result.cases} cases, {len(result.failures)} kinds of failure")
    return result


def main() -> int:
    """What `simulate` runs beside the servers: the processes, and the sum of what they tell."""
    task = json.loads(sys.argv[1])
    result = run_processes(Plan(**task["plan"]), say=lambda words: print(words, file=sys.stderr, flush=True))
    Path(task["answer"]).write_text(json.dumps(vars(result)))
    return 0


def run_processes(plan: Plan, *, say: Say) -> Result:
    """Share the numbers out, show progress, and put the answers together."""
    began = time.monotonic()
    shares = [_Share(plan, number) for number in range(1 if plan.only is not None else plan.processes)]
    while any(share.is_alive() for share in shares):
        for share in shares:
            share.join(timeout=5 / len(shares))
        done = sum(share.done for share in shares)
        say(f"{done} of {plan.cases} cases after {time.monotonic() - began:.0f} s")
    return _together(plan, [share.told for share in shares], round(time.monotonic() - began), shares)


class _Share(threading.Thread):
    """One process, and a thread that reads what it says."""

    def __init__(self, plan: Plan, number: int) -> None:
        super().__init__(daemon=True)
        self.done, self.told = 0, dict[str, Any]()
        first, end, step = number, plan.cases, plan.processes
        if plan.only is not None:
            first, end, step = plan.only, plan.only + 1, 1
        numbers = [str(value) for value in (plan.seed, first, end, step, plan.seconds)]
        command = [sys.executable, "-m", "simulate.bad.worker", *numbers]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._said = threading.Thread(target=self._read_log, daemon=True)
        self._log: list[str] = []
        self._said.start()
        self.start()

    def run(self) -> None:
        for line in self._process.stdout or ():
            told = json.loads(line)
            self.done = told.get("done", self.done)
            self.told = told
        if self._process.wait():
            self.told = {"failures": {"a process ended: " + "".join(self._log[-30:]): [0]}}

    def _read_log(self) -> None:
        for line in self._process.stderr or ():
            self._log = [*self._log[-50:], line]


def _together(plan: Plan, told: list[dict[str, Any]], seconds: int, shares: list[_Share]) -> Result:
    counted: dict[str, Counter[str]] = {name: Counter() for name in ("asked", "opened", "statuses", "kinds")}
    failures: dict[str, list[int]] = {}
    for one in told:
        for name, counter in counted.items():
            counter.update(one.get(name, {}))
        for words, numbers in one.get("failures", {}).items():
            failures.setdefault(words, []).extend(numbers)
    return Result(
        plan.seed,
        seconds,
        sum(share.done for share in shares),
        **{name: dict(counter) for name, counter in counted.items()},
        looked=sum(one.get("looked", 0) for one in told),
        slowest=max(one.get("slowest", 0.0) for one in told),
        megabytes=max(one.get("megabytes", 0) for one in told),
        failures=failures,
    )


if __name__ == "__main__":
    sys.exit(main())
