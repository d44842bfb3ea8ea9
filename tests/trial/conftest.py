"""Real starts of the real stack, in folders that nobody else has."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from trial.environment import of_system
from trial.leftovers import postmaster, supervised
from trial.options import ROOT
from trial.ports import free_port

PATIENCE = 60  # seconds


@dataclass
class Start:
    """One start of the trial; `said` is all it has printed."""

    process: "subprocess.Popen[str]"
    data: Path
    port: int
    said: list[str] = field(default_factory=list)

    def until_ready(self) -> None:
        for line in self.process.stdout or ():
            self.said.append(line)
            if line.startswith("ready "):
                return
        pytest.fail("it ended before it was ready:\n" + "".join(self.said))

    def end(self, patience: float = PATIENCE) -> int:
        """Its exit code, and the rest of what it says."""
        code = self.process.wait(timeout=patience)
        self.said.append(self.process.stdout.read() if self.process.stdout else "")
        return code

    def processes(self) -> set[int]:
        """Everything that still runs of it."""
        return supervised(self.data) | postmaster(self.data)

    def until_gone(self, patience: float = 10) -> float:
        """Seconds until nothing of it runs any more."""
        began = time.monotonic()
        while self.processes():
            assert time.monotonic() - began < patience, f"still running: {self.processes()}"
            time.sleep(0.1)
        return time.monotonic() - began


@pytest.fixture
def start() -> Iterator[Callable[..., Start]]:
    """Start the trial as bin/up does. Whatever a test leaves running is killed after it."""
    starts: list[Start] = []

    def begin(data: Path, *options: str, port: int = 0) -> Start:
        port = port or free_port()
        command = [sys.executable, "-m", "trial", "--port", str(port), "--data", str(data), *options]
        process = subprocess.Popen(
            command, cwd=ROOT, env=of_system(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        starts.append(Start(process, data, port))
        return starts[-1]

    yield begin
    for one in starts:
        one.process.kill()
        one.until_gone()
