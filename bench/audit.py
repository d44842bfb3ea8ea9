"""A log of a million entries, verified by the verifier that outsiders get; and how fast entries are numbered."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory

import psycopg

from bench.filling import dsn
from simulate.stack import Stack, running
from trial.environment import of_product, python
from trial.options import ROOT

ENTRIES, NUMBERED, RUNS = 1_000_000, 20_000, 3
GOAL = 10  # seconds for a million entries
VERIFIER = ROOT / "audit" / "verifier" / "verify.py"


@dataclass(frozen=True)
class Audit:
    """Seconds of each run of the verifier, by the clock and of a processor, and what it said; and of the numbering."""

    entries: int
    length: int
    made: float
    verified: list[float]
    processor: list[float]
    said: str
    numbered: int
    numbering: float


def measure(*, entries: int = ENTRIES, numbered: int = NUMBERED, runs: int = RUNS) -> Audit:
    """Write an export, verify it in a process of its own, and watch the stack's own sequencer at work."""
    with running() as stack, TemporaryDirectory(prefix="quietline-bench-") as folder:
        numbering = _numbering(stack, numbered)
        file, began = Path(folder) / "log.ndjson", time.perf_counter()
        _log(stack, "export", str(file), str(entries))
        made = time.perf_counter() - began
        results = [verified(file) for _ in range(runs)]
        length = file.stat().st_size
    took, busy, said = zip(*results, strict=True)
    return Audit(entries, length, made, list(took), list(busy), said[0], numbered, numbering)


def table(found: Audit) -> str:
    """As it stands in docs/performance.md."""
    goal = f"(goal {GOAL} s for 1,000,000)"
    return "\n".join(
        [
            f"{found.entries:,} entries, {found.length / 1e6:.0f} MB, made in {found.made:.0f} s",
            f"verified offline  {_runs(found.verified)}   median {median(found.verified):.1f} s   {goal}",
            f"  of a processor  {_runs(found.processor)}   median {median(found.processor):.1f} s",
            f"the verifier said {found.said.partition(', key')[0]}",
            f"the sequencer numbered {found.numbered:,} entries in {found.numbering:.1f} s:"
            f" {found.numbered / found.numbering:,.0f} entries a second",
        ]
    )


def verified(file: Path) -> tuple[float, float, str]:
    """Seconds that the verifier took, those of a processor, and what it said. Raises RuntimeError unless all holds."""
    began, before = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), str(file)], capture_output=True, text=True, check=False)
    took, after = time.perf_counter() - began, getrusage(RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"The log does not hold: {done.stdout}{done.stderr}")
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, busy, done.stdout.strip()


def _runs(values: list[float]) -> str:
    return " ".join(f"{value:5.1f}" for value in values)


def _numbering(stack: Stack, count: int) -> float:
    """Seconds from the commit of so many entries until all of them have a number."""
    committed = float(_log(stack, "write", str(count)).splitlines()[-1])
    with psycopg.connect(dsn(stack), autocommit=True) as connection:
        while (waiting := connection.execute("SELECT count(*) FROM audit_pendingleaf").fetchone()) and waiting[0]:
            time.sleep(0.02)
    return time.monotonic() - committed


def _log(stack: Stack, *arguments: str) -> str:
    environment = of_product(stack.folder, stack.state)
    command = python("bench.log", *arguments)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"There is no log:\n{done.stderr[-2000:]}")
    return done.stdout
