"""A process of its own that does something over and over until it is killed with SIGKILL."""

import os
import signal
import time
from collections.abc import Callable

from django.db import connections


def killed_after(seconds: float, work: Callable[[], object]) -> None:
    """Fork, do `work` again and again in the child, and kill it there, so long after it is connected."""
    listening, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work_for_ever(work, telling)
    os.close(telling)
    os.read(listening, 1)  # returns at once, empty, if the child has ended
    os.close(listening)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), "the process ended by itself: it was killed nowhere"


def _work_for_ever(work: Callable[[], object], telling: int) -> None:
    """Connections of the parent are forgotten, not closed: they are still the parent's."""
    try:
        for connection in connections.all():
            type(connection)._connection_pools = {}  # type: ignore[attr-defined]
            connection.connection = None
        connections["default"].ensure_connection()
        os.write(telling, b".")
        while True:
            work()
    finally:
        os._exit(1)
