"""The degraded modes by name: when each holds, what still works, what does not, what to do. The one place that knows.

Pages carry every sentence and ask `/health/modes` which one to show, so saying it needs neither PostgreSQL nor Valkey,
and no page pays for it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.tree_status import tree_status
from jobs import health as work
from messaging.actions import room, spool
from messaging.actions.pausing import nothing_is_sent
from tenancy.postgresql import circuit
from tenancy.scope import in_platform

LOOK_AGAIN = 3.0  # seconds for which one look serves everybody who asks this process


@dataclass(frozen=True)
class Mode:
    """One way in which not everything works. `words` say what does; `advice` is for whoever looks after the server."""

    name: str
    icon: str
    words: Promise
    advice: Promise


MODES = (
    Mode(
        "receiving_to_spool",
        "archive-restore",
        _("Our storage cannot be reached. Texts from clients are kept and will appear; nothing new can be saved here."),
        _("Look whether PostgreSQL runs and has room. Texts wait in the spool, sealed on disk, and then come in."),
    ),
    Mode(
        "read_only",
        "lock",
        _("Nothing new can be saved just now. Texts from clients are kept; what you type stays on this page."),
        _("The disk of PostgreSQL is full. Make room: it goes on by itself, without a restart."),
    ),
    Mode(
        "text_only",
        "image",
        _("Storage is almost full, so pictures, files and voicemails wait. Texts come in and go out as usual."),
        _("Make room on the disk of PostgreSQL, or give it a larger one. What waits at Twilio then comes by itself."),
    ),
    Mode(
        "sending_paused",
        "hourglass",
        _("Sending is paused. What you write is kept and goes out by itself when it works again; texts still come in."),
        _("Look whether Twilio has trouble, and whether the worker runs. What waits is kept and sent once."),
    ),
    Mode(
        "live_updates_off",
        "wifi-off",
        _("Live updates are off. You can read and write as usual; open pages look for news every 10 seconds."),
        _("Look whether Valkey runs. It holds nothing that could be lost."),
    ),
    Mode(
        "log_standing_still",
        "scroll-text",
        _("The log is catching up. Reading and answering work as usual; exports and changes of roles have to wait."),
        _("Look whether the clock's process runs: it numbers and seals the entries, which are all recorded."),
    ),
)
NAMES = tuple(mode.name for mode in MODES)

_lock = Lock()
_looked_at = -LOOK_AGAIN
_current: tuple[str, ...] = ()


def current() -> tuple[str, ...]:
    """The names of the modes that hold now, as this process saw them at most three seconds ago."""
    global _looked_at, _current
    if time.monotonic() - _looked_at >= LOOK_AGAIN and _lock.acquire(blocking=False):
        try:
            _current = tuple(_look())
            _looked_at = time.monotonic()
        finally:
            _lock.release()
    return _current


def forget() -> None:
    """Have the next question looked at anew."""
    global _looked_at
    _looked_at = -LOOK_AGAIN


def _look() -> Iterator[str]:
    known = _ask_storage()
    if known and circuit.is_full():
        yield "read_only"
    elif known is None or spool.count():
        yield "receiving_to_spool"
    if not circuit.is_full() and room.disk_is_short():
        yield "text_only"
    if known and known.sending_is_paused:
        yield "sending_paused"
    if not valkey_answers():
        yield "live_updates_off"
    if known and known.log_stands_still:
        yield "log_standing_still"


class _Known(NamedTuple):
    sending_is_paused: bool
    log_stands_still: bool


def _ask_storage() -> _Known | None:
    """What only PostgreSQL knows; None while it is away."""
    try:
        with in_platform():
            return _Known(work.is_late() or nothing_is_sent(), tree_status().is_stopped)
    except (DatabaseError, InterfaceError):
        return None


def valkey_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=0.5, socket_connect_timeout=0.5) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
