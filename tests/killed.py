"""A process of its own that does something over and over until it is killed with SIGKILL."""

import os
import signal
import time
from collections.abc import Callable

from django.db import connections


def killed_after(seconds: float, work: Callable[[], object]) -> None:
    """Fork, do `work` again and again in the child, and kill it there, wherever it is."""
    pid = os.fork()
    if pid == 0:
        _work_for_ever(work)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), "the process ended by itself: it was killed nowhere"


def _work_for_ever(work: Callable[[], object]) -> None:
    """Connections of the parent are forgotten, not closed: they are still the parent's."""
    try:
        for connection in connections.all():
            type(connection)._connection_pools = {}  # type: ignore[attr-defined]
            connection.connection = None
        while True:
            work()
    finally:
        os._exit(1)
