"""Whether this process uses PostgreSQL just now. While it does not, requests learn so at once, and one thread asks.

A connection that waited in vain opens the circuit; a broken one, or none to be had, makes the thread ask first, so that
one lost connection costs no one else anything. Requests never do the asking.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import Error, connections

PAUSE = 1.0  # seconds between two questions
CONNECT_WITHIN = 2  # seconds
FULL_FOR = 30.0  # seconds for which one refusal counts: whoever writes meanwhile is refused again, or it is over

log = structlog.get_logger(__name__)
_lock = threading.Lock()
_open = False
_asking: threading.Thread | None = None
_first: Callable[[], bool] | None = None
_refused_at = -FULL_FOR


def is_open() -> bool:
    """Whether whoever asks now should do without PostgreSQL. The thread that asks it is let through."""
    if not _open or threading.current_thread() is _asking:
        return False
    _ask()  # a forked process inherits the state and not the thread
    return True


def open_at_once() -> None:
    """The server hangs: nobody else waits for it."""
    global _open
    with _lock:
        if not _open:
            log.error("database_away")
        _open = True
    _ask()


def suspect() -> None:
    """A connection broke, or none was to be had: find out whether the server is there at all."""
    _ask()


def note_full() -> None:
    """PostgreSQL has refused to write because its disk is full. It goes on by itself when there is room."""
    global _refused_at
    if not is_full():
        log.error("database_full")
    _refused_at = time.monotonic()


def is_full() -> bool:
    """Whether this process was refused of late."""
    return time.monotonic() - _refused_at < FULL_FOR


def hold(until: Callable[[], bool]) -> None:
    """Stay open until PostgreSQL answers and `until` then says True: a process that may not work yet."""
    global _first
    _first = until
    open_at_once()


def _ask() -> None:
    global _asking
    if threading.current_thread() is _asking:
        return
    with _lock:
        if _asking is None or not _asking.is_alive():
            _asking = threading.Thread(target=_ask_until_it_answers, name="database", daemon=True)
            _asking.start()


def _ask_until_it_answers() -> None:
    global _open, _asking
    while not (_answers() and _may_go_on()):
        open_at_once()
        time.sleep(PAUSE)
    with _lock:
        if _open:
            log.warning("database_back")
        _open, _asking = False, None


def _answers() -> bool:
    """One new connection and one question: those in the pool may be dead without knowing it."""
    parameters = {**connections["default"].get_connection_params(), "connect_timeout": CONNECT_WITHIN}
    kind = settings.DATABASES["default"]["OPTIONS"]["pool"]["connection_class"]
    try:
        with kind.connect(**parameters) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except psycopg.Error:
        return False


def _may_go_on() -> bool:
    """Replace the pool's connections, then let whoever holds the process look whether all is sound."""
    global _first
    default: Any = connections["default"]
    try:
        if _open:
            default.pool.open()
            default.pool.drain()
        if _first is not None and not _first():
            return False
    except (Error, psycopg.Error):
        return False
    finally:
        default.close()
    _first = None
    return True
