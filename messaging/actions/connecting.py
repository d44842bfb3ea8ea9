"""Whether Twilio calls the right addresses for a line, and setting them right."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from audit.events import Event
from audit.record import record
from messaging.actions.lines import webhooks_of
from messaging.models import Line
from messaging.twilio import AccountRefused, Addresses, Busy, addresses_at_twilio, door_to, set_addresses
from tenancy.scope import in_center, in_platform

# By default Twilio tries again once, and only when it cannot connect. Neither sent nor signed.
RETRIES = "#rc=5&rp=all"


class Connection(StrEnum):
    """How a line stands at Twilio."""

    RIGHT = "right"
    DIFFERS = "differs"
    NOT_THERE = "not_there"
    AWAY = "away"


@dataclass(frozen=True)
class Standing:
    line_id: UUID
    connection: Connection


def standings(*, mend: bool) -> list[Standing]:
    """Every line with how it stands at Twilio. With `mend`, addresses that differ are set and read back."""
    with in_platform():
        lines = list(Line.objects.filter(retired_at=None).order_by("id"))
    return [Standing(line.pk, stand(line, mend=mend)) for line in lines]


def wanted_addresses(line: Line) -> Addresses:
    """Each with retries; the fallback is a last try of the same address, without them."""
    hooks = webhooks_of(line)
    return Addresses(
        sms_url=hooks["message"] + RETRIES,
        sms_fallback_url=hooks["message"],
        voice_url=hooks["voice"] + RETRIES,
        voice_fallback_url=hooks["voice"],
        status_callback=hooks["call_status"] + RETRIES,
    )


def stand(line: Line, *, mend: bool) -> Connection:
    """How one line stands at Twilio. With `mend`, addresses that differ are set and read back. Holds no transaction."""
    with in_platform():
        door = door_to(line)
    wanted = wanted_addresses(line)
    try:
        found = addresses_at_twilio(door)
        if found is not None and found != wanted and mend:
            found = set_addresses(door, wanted)
            _note_change(line)
    except (Busy, AccountRefused):
        return Connection.AWAY
    if found is None:
        return Connection.NOT_THERE
    return Connection.RIGHT if found == wanted else Connection.DIFFERS


def _note_change(line: Line) -> None:
    with in_center(line.center_id):
        record(Event.LINE_CHANGED, subject=line)
