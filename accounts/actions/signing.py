"""Coming in and going out, each step on the record of the centers where the person works."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Staff
from accounts.signals import access_ended
from audit.context import Actor, acting, current_request_id
from audit.events import Event
from audit.record import record
from tenancy.ids import INSTALLATION
from tenancy.scope import in_platform


def centers_of(staff: Staff) -> list[UUID]:
    """Where this person works now; the first is the one she enters."""
    with in_platform():
        current = Membership.objects.current().filter(staff=staff).order_by("started_at")
        return list(current.values_list("center_id", flat=True))


@dataclass(frozen=True)
class Place:
    """One center where somebody works, by the name that its own people read."""

    center: UUID
    name: str
    role: str


def places_of(staff: Staff) -> list[Place]:
    """Where this person works now, with names and roles: they are read across centers, and say no more than that."""
    with in_platform():
        current = Membership.objects.current().filter(staff=staff).select_related("center").order_by("started_at")
        return [Place(one.center_id, one.center.staff_name, one.get_role_display()) for one in current]


@transaction.atomic
def note_entering(staff: Staff, center: UUID) -> None:
    """Record in a center that somebody who signed in to another one has come over; her sockets there close."""
    with in_platform():
        record(Event.CENTER_ENTERED, subject=staff, center=center)
    access_ended.send(sender=Staff, staff_id=staff.pk)


def note_arrival(staff: Staff, event: Event) -> None:
    """Both factors have passed: on the record, and the day is kept for the admins' list."""
    with in_platform():
        staff.last_login = timezone.now()
        staff.save(update_fields=["last_login"])
        note(event, staff)


@transaction.atomic
def note_locking(staff: Staff) -> None:
    """Put on the record that somebody left her desk, and have the sockets there closed."""
    record(Event.SESSION_LOCKED, subject=staff)
    access_ended.send(sender=Staff, staff_id=staff.pk)


def note(event: Event, staff: Staff | None = None, **facts: str) -> None:
    """Record a step of signing in where an admin of each of her centers sees it."""
    _write(Actor.staff(staff.pk) if staff else Actor.nobody(), event, staff, facts)


def note_of_stranger(event: Event, staff: Staff) -> None:
    """Record where her admins see it what somebody tried in her name, who may not have been her."""
    _write(Actor.nobody(), event, staff, {})


def _write(actor: Actor, event: Event, staff: Staff | None, facts: dict[str, str]) -> None:
    centers = (_known_in(staff) if staff else []) or [INSTALLATION]
    with acting(actor, request_id=current_request_id()), in_platform():
        for center in centers:
            record(event, subject=staff, center=center, facts=facts)


def _known_in(staff: Staff) -> list[UUID]:
    """Where somebody works, also where she is suspended: what is tried in her name concerns the admins there."""
    with in_platform():
        return list(Membership.objects.on_staff().filter(staff=staff).values_list("center_id", flat=True))


@transaction.atomic
def sign_out(staff: Staff) -> None:
    """Put the end of a session on the record and have its sockets looked at."""
    note(Event.SIGNED_OUT, staff)
    access_ended.send(sender=Staff, staff_id=staff.pk)
