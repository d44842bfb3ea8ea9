"""The proxies of one simulation: a process of their own, so that what passes does not wait for the load."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trial.environment import of_system
from trial.options import ROOT


class Network:
    """Ports to connect to instead of the real ones, and ways to break what passes (`simulate.proxy.Rule`)."""

    def __init__(self, process: "subprocess.Popen[str]", ports: dict[str, int]) -> None:
        self._process, self.ports = process, ports
        self._one_at_a_time = threading.Lock()

    def break_route(self, route: str, kind: str, **more: Any) -> None:
        """Put a rule in force; returns when it is."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps({"route": route, "kind": kind, **more}) + "\n")
            self._process.stdin.flush()
            if self._process.stdout.readline() != "done\n":
                raise RuntimeError("The proxies are gone.")


@contextmanager
def proxied(**targets: int) -> Iterator[Network]:
    """Proxies in front of ports of this machine, by name."""
    command = [sys.executable, "-m", "simulate.proxy", *(f"{name}={port}" for name, port in targets.items())]
    with subprocess.Popen(
        command, cwd=ROOT, env=of_system(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Network(process, json.loads(process.stdout.readline()))
        finally:
            process.terminate()
