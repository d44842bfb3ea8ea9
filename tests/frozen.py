"""Parts of a real stack that stop without ending, as when the machine below them hangs."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulate.stack import Stack


@contextmanager
def hanging(stack: Stack, part: str) -> Iterator[None]:
    """One part and all that it has begun: sockets stay open, the kernel takes connections, nobody answers."""
    first = stack.pid_of(part)
    assert first is not None
    pids = [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)
