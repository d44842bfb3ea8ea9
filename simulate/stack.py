"""A trial of its own, and ways to reach each of its processes."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trial.environment import of_product, of_system
from trial.folder import DataFolder, State
from trial.leftovers import postmaster, supervised
from trial.options import ROOT
from trial.ports import free_port

COMMANDS = {"web": "trial.web", "worker": "worker", "beat": "beat"}
IN_HALF_THE_TIME = {"UNDO_SECONDS": "5"}  # what waits to be taken back is no part of what is looked at
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Stack:
    """A running trial: `url` of the pages, `data` its folder, `demo` its people."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.url = data, f"http://127.0.0.1:{port}"
        self.demo: dict[str, Any] = json.loads((data / "demo.json").read_text())
        self.folder = DataFolder(data)

    @property
    def state(self) -> State:
        return self.folder.read_state()

    def twin(self, method: str, path: str, content: Any = None, seconds: float = 120) -> Any:
        """Ask the twin."""
        body = None if content is None else json.dumps(content).encode()
        address = f"http://127.0.0.1:{self.state.twin_port}{path}"
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method=method)
        with direct.open(request, timeout=seconds) as answer:
            return json.load(answer)

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Send a signal to a process of the stack; False when it is not there just now."""
        pid = self.pid_of(name)
        if pid is None:
            return False
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def pid_of(self, name: str) -> int | None:
        """The first process of a part: a worker's forks are younger than itself."""
        if name == "postgresql":
            return next(iter(postmaster(self.data)), None)
        if name == "valkey":  # it writes its own title over its environment
            return _titled("valkey-server", f":{self.state.valkey_port}")
        return min((pid for pid in supervised(self.data) if _is(pid, COMMANDS[name])), default=None)

    def ask_oracle(self, *arguments: str) -> Any:
        """Run a question of `simulate.oracle` in the product's own environment."""
        command = [sys.executable, "-m", "simulate.oracle", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=of_product(self.folder, self.state), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return json.loads(done.stdout)


def _is(pid: int, word: str) -> bool:
    try:
        return word in Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return False


def _titled(name: str, port: str) -> int | None:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        if name in title and port in title:
            return int(folder.name)
    return None


@contextmanager
def running(kept: Path | None = None) -> Iterator[Stack]:
    """Start a trial in a folder of its own, and leave nothing of it; or in one that is `kept` for another time."""
    with TemporaryDirectory(prefix="quietline-simulate-") as folder:
        data, port = kept or Path(folder) / "data", free_port()
        command = [sys.executable, "-m", "trial", "--port", str(port), "--data", str(data)]
        environment = {**of_system(), **IN_HALF_THE_TIME}
        with (Path(folder) / "said").open("w") as said:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        try:
            wait_until_ready(process, Path(folder) / "said")
            yield Stack(data, port)
        finally:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


def wait_until_ready(process: "subprocess.Popen[bytes]", said: Path) -> None:
    for _ in range(1200):
        if "\nready " in f"\n{said.read_text()}":
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"The stack did not start:\n{said.read_text()}")
