"""What the rooms below report, put on the record: they know nothing of the log."""

from typing import Any

from django.dispatch import receiver

from audit.context import Actor, acting
from audit.events import Event
from audit.record import record
from encryption.signals import keys_rotated
from tenancy.ids import INSTALLATION
from tenancy.scope import in_platform


@receiver(keys_rotated)
def note_rotation(sender: type, level: str, count: int, **kwargs: Any) -> None:
    with acting(Actor.command("rotate_keys")), in_platform():
        record(Event.KEY_ROTATED, center=INSTALLATION, facts={"level": level, "count": count})
