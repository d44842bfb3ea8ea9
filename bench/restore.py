"""A backup, its restore and its drill on many messages, in one trial that is otherwise idle."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bench.filling import dsn, fill
from simulate.stack import Stack, running
from trial.environment import of_owner
from trial.options import ROOT

MESSAGES = 20_000
CHANGES = 5_000
_TOUCH = "UPDATE messaging_message SET body = body WHERE id IN (SELECT id FROM messaging_message LIMIT %s)"
GOAL_MESSAGES, GOAL_MINUTES = 1_000_000, 60


@dataclass(frozen=True)
class Increments:
    """Seconds when nothing had changed and when `CHANGES` rows had, and how long that one is."""

    quiet: float
    changed: float
    length: int


@dataclass(frozen=True)
class Restore:
    """Seconds of each step, rows and bytes, and what the drill said."""

    messages: int
    rows: int
    length: int
    backup: float
    increments: Increments
    restore: float
    drill: float
    proofs: list[str]

    def extrapolated(self, seconds: float) -> float:
        """Minutes for a million. Every step reads each row once, so it grows as the rows do; set-up is counted in."""
        return seconds * GOAL_MESSAGES / self.messages / 60


def measure(*, messages: int = MESSAGES) -> Restore:
    """Fill, back up, restore into a new database, and drill with the same backup."""
    with running() as stack, TemporaryDirectory(prefix="quietline-bench-") as folder:
        fill(stack, messages)
        key = Path(folder) / "offline.key"
        _manage(stack, "backup_key", "--private-to", str(key))
        places = ["--to", f"{folder}/data", "--keys-to", f"{folder}/keys"]
        said, backup = _manage(stack, "backup", "--increment", *places)  # the first is whole
        length = _length(said)
        _, quiet = _manage(stack, "backup", "--increment", *places)
        _change(stack, CHANGES)
        said, increment = _manage(stack, "backup", "--increment", *places)
        data, keys = _folders(said)
        increments = Increments(quiet, increment, _length(said))
        kept = ["--from", data, "--keys-from", keys, "--private-key", str(key)]
        _, restore = _manage(stack, "restore", *kept, "--into-new", "bench_restored")
        drilled, drill = _manage(stack, "drill", *kept, "--without-twilio", "--json")
        report = json.loads(drilled)
        proofs = [f"{proof['name']:14} {proof['seconds']:6.1f} s  {proof['said']}" for proof in report["proofs"]]
    return Restore(messages, report["rows"], length, backup, increments, restore, drill, proofs)


def table(found: Restore) -> str:
    """As it stands in docs/performance.md."""
    steps = {"backup": found.backup, "restore": found.restore, "drill": found.drill}
    rows = [f"{found.messages} messages, {found.rows} rows, {found.length / 1e6:.1f} MB of data"]
    for name, seconds in steps.items():
        rate, minutes = found.messages / seconds, found.extrapolated(seconds)
        rows.append(f"{name:9} {seconds:7.1f} s   {rate:7.0f} messages/s   1,000,000 in {minutes:5.1f} min")
    added = found.increments
    rows.append(f"increment {added.quiet:7.1f} s   when nothing changed")
    rows.append(f"increment {added.changed:7.1f} s   {CHANGES} rows changed, {added.length / 1e6:.1f} MB of data")
    rows += [f"drill: {proof}" for proof in found.proofs]
    rows.append(f"The goal is {GOAL_MINUTES} minutes for restoring 1,000,000; this is extrapolated, not measured.")
    return "\n".join(rows)


def _change(stack: Stack, rows: int) -> None:
    with psycopg.connect(dsn(stack)) as connection:
        connection.execute(_TOUCH, [rows])


def _folders(said: str) -> tuple[str, str]:
    data, keys = (line.split(maxsplit=1)[1] for line in said.splitlines()[1:3])
    return data, keys


def _length(said: str) -> int:
    return sum(file.stat().st_size for file in Path(_folders(said)[0]).iterdir())


def _manage(stack: Stack, *arguments: str) -> tuple[str, float]:
    began = time.perf_counter()
    said = _run(stack, [sys.executable, str(ROOT / "manage.py"), *arguments])
    return said, time.perf_counter() - began


def _run(stack: Stack, command: list[str]) -> str:
    environment = of_owner(stack.folder, stack.state)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[2:4]} failed:\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}")
    return done.stdout
