"""The spool is emptied when the database is back: in order, each post through the same checks and steps."""

import threading
from pathlib import Path

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections
from django.http import QueryDict

from audit.context import Actor, acting, new_request_id
from messaging.actions import spool
from messaging.actions.hearing import STEPS, about_what, hear, is_for_another_number, why_not
from messaging.actions.refusals import note_refusal
from messaging.twilio import BadPost, door_of
from tenancy.postgresql.contention import is_contention

DATABASE_AWAY = (OperationalError, InterfaceError)
PAUSE = 2.0  # seconds

log = structlog.get_logger(__name__)


def drain() -> int:
    """Take in what waits, and return how much that was. It stops where the database is away again.

    What somebody else's lock keeps out waits for the next time, and holds up nothing behind it. Cut off between
    taking in and forgetting, a post is taken in again: the second time writes nothing.
    """
    taken = 0
    for file in spool.waiting():
        try:
            _take(file)
        except DATABASE_AWAY as problem:
            if is_contention(problem):
                continue
            break
        taken += 1
    if taken:
        log.warning("spool_drained", count=taken)
    return taken


def drain_forever(stop: threading.Event) -> None:
    """Look every two seconds. Costs a look at a folder while nothing waits."""
    while not stop.wait(PAUSE):
        if spool.count():
            drain()
            close_old_connections()


def _take(file: Path) -> None:
    try:
        heard = spool.read(file)
        with acting(Actor.twilio(), request_id=new_request_id()):
            _hear(heard)
    except DATABASE_AWAY:
        raise
    except spool.NotWhole as problem:
        spool.set_aside(file, str(problem))
    except Exception as problem:  # noqa: BLE001  # one odd post must not hold up the others; it is kept and shown
        spool.set_aside(file, type(problem).__name__)
    else:
        spool.done(file)


def _hear(heard: spool.Heard) -> None:
    door, post = door_of(heard.line_id), QueryDict(heard.body, encoding="utf-8")
    if door is None or heard.hook not in STEPS:
        return
    reason = why_not(door, heard.address, post, heard.signature)
    if not reason and is_for_another_number(door, heard.hook, post):
        reason = "number"
    if reason:
        note_refusal(door, reason)
        return
    query = QueryDict(heard.address.partition("?")[2])
    try:
        hear(door, heard.hook, post, about_what(query), said_at=heard.at)
    except BadPost as bad:
        log.info("webhook_malformed", reason=str(bad))
