"""Whether the parts of the stack answer. Each probe asks for the real thing, not for an open port."""

import http.client
from functools import cache
from typing import Any


def http_answers(port: int, path: str) -> bool:
    """Whether a GET on this machine is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def background_answers(valkey_url: str) -> bool:
    """Whether a worker answers, and has run what the clock sent: then both of them live."""
    from kombu.exceptions import KombuError
    from redis import RedisError

    try:
        answers = _celery(valkey_url).control.inspect(timeout=0.5).stats() or {}
    except (KombuError, RedisError, OSError):
        return False
    return any(sum(worker["total"].values()) for worker in answers.values())


@cache
def _celery(valkey_url: str) -> Any:
    from celery import Celery

    app = Celery("probe", broker=valkey_url)
    app.conf.broker_transport_options = {"global_keyprefix": "q:"}  # as in config/settings.py
    return app
