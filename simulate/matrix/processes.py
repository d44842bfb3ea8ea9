"""Processes of the stack: killed, asked to end, frozen, doubled, all of them at once; their key missing."""

import signal
import subprocess
import threading
import time
from random import Random

from simulate.breakable import BreakableStack
from simulate.matrix.kind import Fault
from trial.environment import of_product, python
from trial.options import ROOT

PARTS = ("postgresql", "valkey", "web", "worker", "beat")
PYTHON = ("web", "worker", "beat")  # a process that starts again takes seconds of a whole processor

_ONE_KEY = threading.Lock()


def _kill(part: str, how: signal.Signals) -> Fault:
    def strike(stack: BreakableStack, chance: Random) -> None:
        stack.signal(part, how)

    return strike


def _freeze(part: str, longest: float) -> Fault:
    """Stopped in the middle of whatever it does, and then going on as if nothing had been."""

    def strike(stack: BreakableStack, chance: Random) -> None:
        if stack.signal(part, signal.SIGSTOP):
            time.sleep(chance.uniform(0.3, longest))
            stack.signal(part, signal.SIGCONT)

    return strike


def _power_cut(stack: BreakableStack, chance: Random) -> None:
    """Everything ends within a second; each starts again by itself, in whatever order that is."""
    for part in chance.sample(PARTS, len(PARTS)):
        stack.signal(part, signal.SIGKILL)
        time.sleep(chance.uniform(0, 0.3))


def _two_clocks(stack: BreakableStack, chance: Random) -> None:
    """A second clock, with a second sequencer and a second drain of the spool, beside the first."""
    folder, state = stack.folder, stack.state
    schedule = ["--schedule", str(folder.path / "second-schedule"), "--pidfile="]
    command = python("celery", "--workdir", str(ROOT), "-A", "config", "beat", *schedule)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd="/", env=of_product(folder, state), stdout=quiet, stderr=quiet) as second:
        time.sleep(8)
        second.kill()


def _without_the_root_key(stack: BreakableStack, chance: Random) -> None:
    """The web server is to start again, and the key that opens all others is not there for a while."""
    key, elsewhere = stack.folder.root_key, stack.data / "root.key.elsewhere"
    with _ONE_KEY:
        key.rename(elsewhere)
        try:
            stack.signal("web", signal.SIGKILL)
            time.sleep(6)
        finally:
            elsewhere.rename(key)


DEAR = {
    **{f"{part} killed": _kill(part, signal.SIGKILL) for part in PYTHON},
    **{f"{part} asked to end": _kill(part, signal.SIGTERM) for part in PYTHON},
    "power cut: all killed": _power_cut,
    "two clocks": _two_clocks,
    "root key missing while web starts": _without_the_root_key,
}
CHEAP = {
    **{f"{part} killed": _kill(part, signal.SIGKILL) for part in ("postgresql", "valkey")},
    **{f"{part} frozen": _freeze(part, 2.5) for part in PARTS},
}
