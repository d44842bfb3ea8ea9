"""How a process opens. Web: whole, or for the spool alone while PostgreSQL or the root key is away.

Until every check has passed once, each request finds PostgreSQL away: pages answer 503, webhooks go to the spool.
Worker and clock wait as long: a job that is begun without a key fails for good.
"""

import time

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections

from config import checks
from encryption.self_check import turn_core_dumps_off
from messaging.actions import spool
from tenancy.postgresql import circuit

WAITED_FOR = {"database", "root keys"}
LOOK_AGAIN_AFTER = 2.0  # seconds

log = structlog.get_logger(__name__)


def open_doors() -> None:
    """Called where a web process starts. Raises `ImproperlyConfigured` unless waiting alone can mend what is wrong."""
    turn_core_dumps_off()
    red = checks.red()
    if not _can_be_waited_for(red):
        raise ImproperlyConfigured(checks.refusal(red))
    if red:
        log.error("only_the_spool_is_open", check=_names(red))
        circuit.hold(until=_is_sound)
    spool.prepare()


def begin_work() -> None:
    """Called where worker and clock start. Ends the process unless waiting alone can mend what is wrong.

    Celery goes on after whatever its signals' handlers raise, but for `SystemExit`.
    """
    turn_core_dumps_off()
    while red := checks.red():
        if not _can_be_waited_for(red):
            raise SystemExit(checks.refusal(red))
        log.error("not_begun", check=_names(red))
        close_old_connections()  # a broken one would be asked again for ever
        time.sleep(LOOK_AGAIN_AFTER)


def _can_be_waited_for(red: list[checks.Finding]) -> bool:
    return all(finding.check in WAITED_FOR for finding in red)


def _is_sound() -> bool:
    red = checks.red()
    if red:
        log.error("not_opened", check=_names(red))
        return False
    spool.prepare()
    return True


def _names(red: list[checks.Finding]) -> str:
    return ", ".join(finding.check for finding in red)
