"""The nudge: tell a worker that something is due. Losing one costs a second, until the next tick.

A thread of its own sends it, never the request that caused it, and many nudges become one.
"""

import threading

import structlog
from celery import current_app
from kombu.exceptions import KombuError
from redis import RedisError

TASK = "jobs.run_due"
BETWEEN = 0.05  # seconds between two nudges of one process

log = structlog.get_logger(__name__)
_wanted = threading.Event()
_start = threading.Lock()
_thread: threading.Thread | None = None


def nudge() -> None:
    """Ask for a worker's attention soon. Returns at once and never raises."""
    global _thread
    _wanted.set()
    if _thread is None or not _thread.is_alive():
        with _start:
            if _thread is None or not _thread.is_alive():
                _thread = threading.Thread(target=_send_for_ever, name="nudge", daemon=True)
                _thread.start()


def _send_for_ever() -> None:
    pause = threading.Event()
    while True:
        _wanted.wait()
        _wanted.clear()
        _send()
        pause.wait(BETWEEN)


def _send() -> None:
    try:
        current_app.send_task(TASK, expires=10, retry=False, ignore_result=True)
    except (KombuError, RedisError, OSError) as error:
        log.warning("nudge_unheard", error=type(error).__name__)
