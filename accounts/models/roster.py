from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from django.db import models

from accounts.timetable import Hours, Span, Timetable
from tenancy.ids import uuid7

Packed = dict[str, list[list[str]]]


class Roster(models.Model):
    """The hours in which one person may come in. Whoever has no roster comes in at any hour.

    It is one row, so that the gate, which asks at every request, reads it with the membership.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+")
    membership = models.OneToOneField("accounts.Membership", models.CASCADE, related_name="roster")
    week = models.JSONField(default=dict)  # weekday: [["09:00", "17:00"], …]
    days = models.JSONField(default=dict)  # the same by date; a day without hours is off
    extended_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"roster {self.pk}"

    @property
    def hours(self) -> Hours:
        week = {int(day): _unpacked(spans) for day, spans in self.week.items()}
        return Hours(week, {date.fromisoformat(day): _unpacked(spans) for day, spans in self.days.items()})

    @hours.setter
    def hours(self, hours: Hours) -> None:
        self.week, self.days = _packed(hours.week), _packed(hours.days)

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.center.zone, self.hours, self.extended_until)


def _packed(spans_by_day: Mapping[Any, Sequence[Span]]) -> Packed:
    return {
        str(day): [[f"{one:%H:%M}" for one in span] for span in sorted(spans)] for day, spans in spans_by_day.items()
    }


def _unpacked(spans: list[list[str]]) -> list[Span]:
    return [Span(*map(time.fromisoformat, span)) for span in spans]
