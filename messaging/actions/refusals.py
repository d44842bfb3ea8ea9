import time
from uuid import UUID

from audit.events import Event
from audit.record import record
from messaging.twilio import Door
from tenancy.scope import in_center

ONCE_IN = 60  # seconds, for each line and reason: a flood of forgeries may not fill the log

_noted: dict[tuple[UUID, str], float] = {}


def note_refusal(door: Door, reason: str) -> None:
    """Put a refused webhook on the record, at most once a minute for each line and reason."""
    now = time.monotonic()
    if now - _noted.get((door.line_id, reason), -ONCE_IN) < ONCE_IN:
        return
    _noted[door.line_id, reason] = now
    with in_center(door.center_id):
        record(Event.WEBHOOK_REFUSED, facts={"reason": reason, "line": str(door.line_id)})


def forget() -> None:
    """Begin anew: the next refusal of any kind is noted."""
    _noted.clear()
