"""The hours in which somebody may come in: set, lifted, and made longer for today."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.actions.people import keep_an_admin, locked
from accounts.models import Membership, Roster
from accounts.signals import access_ended
from accounts.timetable import DAY, Hours, Span
from audit.events import Event
from audit.facts import Fact
from audit.guard import audited
from audit.record import record
from audit.sealing import refuse_while_the_log_stands_still, seal_before_the_answer

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class NotBound(Exception):
    """This person comes in at any hour: there is nothing to make longer."""


def set_hours(membership: Membership, hours: Hours | None, *, by: Membership) -> None:
    """Let somebody in at these hours alone, or with None at any hour. Her sockets are looked at again at once.

    What was given on top of the hours before ends with them. Raises `LastAdmin` when no admin would be left who comes
    in at any hour, and `MayNoLonger`.
    """
    refuse_while_the_log_stands_still()
    with audited(Event.SHIFTS_CHANGED):
        row = locked(membership, by=by)
        before = Roster.objects.filter(membership=row).first()
        if hours is not None:
            keep_an_admin(row)
        facts = _facts(before.hours if before else None, hours)
        _keep(row, before, hours)
        seal_before_the_answer(record(Event.SHIFTS_CHANGED, subject=row, facts=facts))
        access_ended.send(sender=Membership, staff_id=row.staff_id)


def extend(membership: Membership, minutes: int | None, *, by: Membership) -> datetime:
    """Let somebody stay, or come in, for so many minutes more, or with None until midnight; return until when.

    However often it is asked for, it goes no further than a day from now. Raises `NotBound` and `MayNoLonger`.
    """
    with audited(Event.SHIFT_EXTENDED):
        row = locked(membership, by=by)
        roster = Roster.objects.select_related("center").filter(membership=row).first()
        if roster is None:
            raise NotBound
        roster.extended_until = _longer(roster, minutes)
        roster.save(update_fields=["extended_until"])
        record(Event.SHIFT_EXTENDED, subject=row, facts={"until": f"{roster.extended_until:%Y-%m-%dT%H:%MZ}"})
        access_ended.send(sender=Membership, staff_id=row.staff_id)
    return roster.extended_until


def _longer(roster: Roster, minutes: int | None) -> datetime:
    now = timezone.now()
    standing = roster.timetable.standing(now)
    ends = standing.until if standing.is_on and standing.until else now
    if minutes is not None:
        return max(ends, min(ends + timedelta(minutes=minutes), now + DAY))
    tomorrow = now.astimezone(roster.center.zone).date() + DAY
    return max(ends, datetime.combine(tomorrow, time.min, tzinfo=roster.center.zone))


def _keep(row: Membership, before: Roster | None, hours: Hours | None) -> None:
    if hours is None:
        Roster.objects.filter(membership=row).delete()
        return
    roster = before or Roster(membership=row, center_id=row.center_id)
    roster.hours, roster.extended_until = hours, None
    roster.save()


def _facts(before: Hours | None, after: Hours | None) -> dict[str, Fact]:
    """What changed, old and new, one fact a day."""
    facts: dict[str, Fact] = {"bound_before": before is not None, "bound_after": after is not None}
    old, new = dict(_days(before)), dict(_days(after))
    for day in sorted(old.keys() | new.keys()):
        if old.get(day) != new.get(day):
            facts |= {f"{day}_before": old.get(day), f"{day}_after": new.get(day)}
    return facts


def _days(hours: Hours | None) -> Iterator[tuple[str, str]]:
    if hours:
        yield from ((WEEKDAYS[day], _code(spans)) for day, spans in hours.week.items() if spans)
        yield from ((f"day_{day:%Y_%m_%d}", _code(spans)) for day, spans in hours.days.items())


def _code(spans: Sequence[Span]) -> str:
    """As ISO 8601 writes times, so that a row of digits never looks like a phone number."""
    return ",".join(f"T{span.begins:%H:%M}-T{span.ends:%H:%M}" for span in sorted(spans)) or "off"
