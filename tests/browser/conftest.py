"""The whole stack, started as `bin/up` starts it, and a browser that reaches nothing else."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.chromium import FLAGS, installed
from trial.environment import of_system
from trial.options import ROOT
from trial.ports import free_port
from trial.welcome import code_of


@dataclass
class Stack:
    """A running trial. `demo` holds the password and, for each person, the authenticator's key."""

    url: str
    twin_url: str
    data: Path
    demo: dict[str, Any]

    def person(self, role: str) -> dict[str, str]:
        """The first of the demo's people with this role."""
        return next(person for person in self.demo["people"] if person["role"] == role)

    def code(self, role: str) -> str:
        """The code that this person's authenticator shows now; each one signs in once."""
        return code_of(self.person(role)["authenticator_key"])

    def manage(self, *arguments: str) -> str:
        """What `bin/manage` prints on this stack's data."""
        command = [sys.executable, "-m", "trial.manage", "--data", str(self.data), *arguments]
        return subprocess.run(command, cwd=ROOT, env=of_system(), check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="quietline-browser-") as folder:
        data, port = Path(folder) / "data", free_port()
        command = [sys.executable, "-m", "trial", "--port", str(port), "--data", str(data)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=of_system(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            wait_until_ready(process)
            yield running(f"http://127.0.0.1:{port}", data)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


@pytest.fixture(scope="session")
def states() -> dict[str, Any]:
    """The cookies of each role that has signed in once: codes work once, and hashing a password takes its time."""
    return {}


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    """Read until the one line that says ready; a stack that ends before fails with all it said."""
    said: list[str] = []
    for line in process.stdout or ():
        said.append(line)
        if line.startswith("ready "):
            return
    pytest.fail("the stack did not start:\n" + "".join(said))


def running(url: str, data: Path) -> Stack:
    state = json.loads((data / "state.json").read_text())
    demo = json.loads((data / "demo.json").read_text())
    return Stack(url, f"http://127.0.0.1:{state['twin_port']}", data, demo)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = installed()
    return {**browser_type_launch_args, **({"executable_path": path} if path else {}), "args": [*FLAGS]}


@pytest.fixture(scope="session", autouse=True)
def _database_calls_beside_a_browser() -> None:
    """Playwright's own loop runs in this thread, and Django would refuse to touch the database in it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], stack: Stack) -> dict[str, Any]:
    return {**browser_context_args, "base_url": stack.url, "viewport": {"width": 1440, "height": 900}}
