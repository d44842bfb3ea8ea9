"""What an admin sets for the calls of a line."""

from django.db import transaction
from django.utils import timezone

from audit.events import Event
from audit.facts import Fact
from audit.record import record
from messaging.models import Line


@transaction.atomic
def set_calls(line: Line, *, staff_number: str, ring_seconds: int, text_back: bool) -> None:
    """Which phone rings and for how long ("" rings none), and whether a text follows a missed call."""
    row = Line.objects.select_for_update().get(pk=line.pk)
    row.staff_number, row.ring_seconds = staff_number or None, ring_seconds
    row.text_back_off_at = None if text_back else row.text_back_off_at or timezone.now()
    row.save(update_fields=["staff_number", "ring_seconds", "text_back_off_at"])
    facts: dict[str, Fact] = {"rings": bool(staff_number), "ring_seconds": ring_seconds, "text_back": text_back}
    record(Event.LINE_CHANGED, subject=row, facts=facts)
