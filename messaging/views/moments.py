"""Moments that a text is often kept for, on the center's clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MORNING, EVENING = time(9), time(18)
TOO_NEAR = timedelta(hours=1)
MONDAY = 0


@dataclass(frozen=True)
class Offer:
    words: Any
    value: str  # as a field of the page takes it


def offers() -> list[Offer]:
    """This evening, tomorrow morning and Monday morning, as far as they still lie ahead."""
    now = timezone.localtime()
    tomorrow = now.date() + timedelta(days=1)
    monday = now.date() + timedelta(days=(MONDAY - now.weekday()) % 7 or 7)
    found = [Offer(_("Tomorrow, 9 am"), _value(tomorrow, MORNING))]
    if now + TOO_NEAR < now.replace(hour=EVENING.hour, minute=0):
        found.insert(0, Offer(_("This evening, 6 pm"), _value(now.date(), EVENING)))
    if monday != tomorrow:
        found.append(Offer(_("Monday, 9 am"), _value(monday, MORNING)))
    return found


def as_field(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def _value(day: date, clock: time) -> str:
    return f"{day.isoformat()}T{clock:%H:%M}"
