"""A stack that can be broken anywhere: proxies between its processes, places to die in them, a small disk to fill."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from simulate.network import Network, proxied
from simulate.points import FIRED, FOLDER
from simulate.small_disk import small_disk_at
from simulate.stack import COMMANDS, IN_HALF_THE_TIME, Stack, end, wait_until_ready
from simulate.supervised import PORTS
from trial.environment import of_system
from trial.folder import DataFolder, State
from trial.options import ROOT
from trial.ports import free_port


class BreakableStack(Stack):
    """`network` breaks what passes between processes, `points` is the folder in which places to die are armed."""

    def __init__(self, folder: Path, port: int, network: Network, *, small_disk: bool) -> None:
        super().__init__(folder / "data", port)
        self.network, self.points, self.small_disk = network, folder / "points", small_disk

    def open_files(self) -> dict[str, int]:
        """How many descriptors the processes of the product hold now; those that are not there are left out."""
        found = {name: self.pid_of(name) for name in COMMANDS}
        return {name: _descriptors(pid) for name, pid in found.items() if pid is not None}


def _descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0  # it has just ended


@contextmanager
def breakable() -> Iterator[BreakableStack]:
    """Start one in a folder of its own, and leave nothing of it."""
    with TemporaryDirectory(prefix="quietline-simulate-") as name, ExitStack() as ending:
        folder, port = Path(name), free_port()
        data = DataFolder(folder / "data")
        state = _state_with_ports(data)
        targets = {"postgresql": state.postgresql_port, "valkey": state.valkey_port, "twilio": state.twin_port}
        network = ending.enter_context(proxied(**targets, web=port, socket=port))
        small_disk = ending.enter_context(small_disk_at(data.spool))
        (folder / "points" / FIRED).mkdir(parents=True)
        process = _start(folder, port, network)
        ending.callback(end, process)
        wait_until_ready(process, folder / "said")
        yield BreakableStack(folder, port, network, small_disk=small_disk)


def _state_with_ports(folder: DataFolder) -> State:
    """The supervisor keeps ports that it finds written down, so the proxies can know them before it starts."""
    folder.make()
    state = State(postgresql_port=free_port(), valkey_port=free_port(), twin_port=free_port())
    folder.save_state(state)
    return state


def _start(folder: Path, port: int, network: Network) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "simulate.supervised", "--port", str(port), "--data", str(folder / "data")]
    environment = {**of_system(), **IN_HALF_THE_TIME, PORTS: json.dumps(network.ports), FOLDER: str(folder / "points")}
    with (folder / "said").open("w") as said:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
