"""The product's two servers as production starts them: granian for pages and webhooks, uvicorn for sockets."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import ProxyHandler, build_opener

from simulate.stack import Stack
from trial.environment import of_product, python
from trial.options import ROOT
from trial.ports import free_port

WORKERS, THREADS = 2, 8
PATIENCE = 30  # seconds until a server answers

Server = tuple[int, "subprocess.Popen[bytes]"]


@contextmanager
def pages(
    stack: Stack, application: str = "config.wsgi:application", workers: int = WORKERS, **told: str
) -> Iterator[int]:
    """A WSGI application in the environment of a stack, and what it is told besides; gives its port."""
    command = python("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--workers", str(workers))
    command += ["--blocking-threads", str(THREADS), "--no-ws", "--log-level", "error", application]
    with _served(stack, command, told) as (port, _process):
        yield port


@contextmanager
def sockets(stack: Stack) -> Iterator[Server]:
    """The process that holds the sockets; gives its port and itself."""
    quiet = ["--no-access-log", "--no-server-header", "--log-level", "error"]
    with _served(stack, python("uvicorn", "config.asgi:application", "--host=127.0.0.1", *quiet), {}) as server:
        yield server


@contextmanager
def _served(stack: Stack, command: list[str], told: dict[str, str]) -> Iterator[Server]:
    port, environment = free_port(), {**of_product(stack.folder, stack.state), **told}
    whole, quiet = [*command, "--port", str(port)], subprocess.DEVNULL
    process = subprocess.Popen(whole, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    try:
        _wait(port)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(port: int) -> None:
    opener, deadline = build_opener(ProxyHandler({})), time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            opener.open(f"http://127.0.0.1:{port}/health/live", timeout=2).close()
        except OSError as problem:
            if hasattr(problem, "code"):
                return  # it answers, if only with an error
            time.sleep(0.2)
        else:
            return
    sys.exit("A server did not start.")
