"""Somebody has lost every way of signing in: an admin opens a recovery, everybody concerned is told, and after a day,
or as soon as a second admin agrees, she gets a link for one use (AUTH-14).

Nobody gets in silently: she and the admins hear of every step, she can cancel in any session that she still has, and
what opened her account before ends when the link is used.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.actions.desks import forget_sessions
from accounts.actions.people import hold
from accounts.actions.telling import tell, tell_admins
from accounts.models import KnownDevice, Membership, Passkey, Recovery, RecoverySet, Staff, TotpDevice
from accounts.models.recovery import LINK_LASTS, WAITS, RecoveryState
from accounts.notices import Notice
from accounts.roles import Permission
from accounts.signals import access_ended
from audit.events import Event
from audit.models import LogEntry
from audit.record import record
from audit.sealing import refuse_while_the_log_stands_still, seal_before_the_answer
from tenancy.ids import INSTALLATION
from tenancy.scope import in_platform

CONSOLE_LINK_LASTS = timedelta(minutes=60)
MAY_BE_CANCELLED = {RecoveryState.WAITING, RecoveryState.READY, RecoveryState.LINKED}

log = structlog.get_logger(__name__)


class RecoveryRefused(Exception):
    """This recovery cannot be opened or taken further; the kinds below say why."""


class OpenAlready(RecoveryRefused):
    """One recovery of this person is under way."""


class NotForOneself(RecoveryRefused):
    """Nobody opens, agrees to or hands out a recovery of her own account."""


class NotTheSame(RecoveryRefused):
    """Whoever opened it cannot be the second one who agrees, nor somebody whom she may have let in for that."""


class WorksElsewhere(RecoveryRefused):
    """Admins of one center may not open an account that opens another one too."""


class NotInThisState(RecoveryRefused):
    """It was cancelled, used, decided or forgotten meanwhile."""


class RecoveryOver(Exception):
    """The link was used, has expired, was replaced, or never existed. All look the same from outside."""


@transaction.atomic
def open_recovery(member: Membership, *, by: Membership, reason: str) -> Recovery:
    """Begin one: it waits a day unless a second admin agrees. Raises `RecoveryRefused` or `MayNoLonger`."""
    refuse_while_the_log_stands_still()
    hold(by)
    if member.staff_id == by.staff_id:
        raise NotForOneself
    if _works_elsewhere(member):
        raise WorksElsewhere
    row = _begin(member, by=by.staff, reason=reason)
    seal_before_the_answer(_record(Event.RECOVERY_OPENED, row))
    _tell_all(row, Notice.RECOVERY_ASKED, Notice.COLLEAGUES_RECOVERY_ASKED, by.staff)
    return row


@transaction.atomic
def agree(recovery: Recovery, *, by: Membership) -> None:
    """A second admin waives the wait; of many at the same moment one does.

    Raises `RecoveryRefused` or `MayNoLonger`.
    """
    refuse_while_the_log_stands_still()
    hold(by)
    row = _locked(recovery)
    _refuse_oneself(row, by)
    if row.opened_by_id == by.staff_id or by.started_at > row.opened_at - WAITS:
        raise NotTheSame
    if row.state != RecoveryState.WAITING:
        raise NotInThisState
    row.agreed_by, row.agreed_at = by.staff, timezone.now()
    row.save(update_fields=["agreed_by", "agreed_at"])
    seal_before_the_answer(_record(Event.RECOVERY_AGREED, row))
    _tell_all(row, Notice.RECOVERY_AGREED, Notice.COLLEAGUES_RECOVERY_AGREED, by.staff)


@transaction.atomic
def cancel(recovery: Recovery, *, by: Membership) -> None:
    """End it unused: an admin may, and she herself. Raises `NotInThisState` or `MayNoLonger`."""
    if recovery.staff_id != by.staff_id:
        hold(by)
    row = _locked(recovery)
    if row.state not in MAY_BE_CANCELLED:
        raise NotInThisState
    row.cancelled_by, row.cancelled_at = by.staff, timezone.now()
    row.save(update_fields=["cancelled_by", "cancelled_at"])
    _record(Event.RECOVERY_CANCELLED, row)
    _tell_all(row, Notice.RECOVERY_CANCELLED, Notice.COLLEAGUES_RECOVERY_CANCELLED, by.staff)


@transaction.atomic
def make_link(recovery: Recovery, *, by: Membership) -> str:
    """The address to hand over: once, for half an hour; one made before opens nothing any more.

    It opens nothing either once whoever made it may do so no longer. Raises `RecoveryRefused` or `MayNoLonger`.
    """
    refuse_while_the_log_stands_still()
    hold(by)
    row = _locked(recovery)
    _refuse_oneself(row, by)
    if not row.can_have_link:
        raise NotInThisState
    link = _new_link(row, by=by.staff, until=timezone.now() + LINK_LASTS)
    seal_before_the_answer(_record(Event.RECOVERY_LINK_MADE, row))
    tell(row.staff, Notice.RECOVERY_LINK_MADE)
    return link


def open_on_the_console(member: Membership, *, reason: str) -> str:
    """For whoever runs the server, when no admin is left: a link of an hour at once, in place of what was under way.

    It waits for nobody and asks for no log that runs, no mail and no Valkey; who has the console has the house.
    """
    with in_platform():
        now = timezone.now()
        _hold_person(member.staff_id)
        Recovery.objects.filter(staff=member.staff_id, used_at=None, cancelled_at=None).update(cancelled_at=now)
        row = _begin(member, by=None, reason=reason)
        row.due_at = now
        row.save(update_fields=["due_at"])
        link = _new_link(row, by=None, until=now + CONSOLE_LINK_LASTS)
        _record(Event.RECOVERY_BY_CONSOLE, row)
        _tell_all(row, Notice.RECOVERY_BY_CONSOLE, Notice.COLLEAGUES_RECOVERY_BY_CONSOLE)
    log.critical("account_opened_on_the_console", staff=str(member.staff_id), center=str(member.center_id))
    return link


def find_linked(secret: str) -> Recovery:
    """The recovery behind a link. Raises `RecoveryOver`."""
    with in_platform():
        row = Recovery.objects.filter(link_hash=_hash(secret)).select_related("staff").first()
        if row is None or not _is_usable(row):
            raise RecoveryOver
    return row


def use(recovery: Recovery) -> Staff:
    """Use a link up: what opened the account before is gone, and its owner sets up a new way in this session.

    Of two uses at the same moment one wins; the other raises `RecoveryOver`.
    """
    with in_platform():
        staff = _hold_person(recovery.staff_id)  # before she is looked at: nobody takes her on elsewhere meanwhile
        row = _locked(recovery)
        if not _is_usable(row) or bytes(row.link_hash or b"") != bytes(recovery.link_hash or b""):
            raise RecoveryOver
        row.used_at = timezone.now()
        row.save(update_fields=["used_at"])
        _take_ways_away(staff)
        seal_before_the_answer(_record(Event.RECOVERY_USED, row))
        _tell_all(row, Notice.RECOVERY_USED, Notice.COLLEAGUES_RECOVERY_USED)
        access_ended.send(sender=Staff, staff_id=staff.pk)
    return staff


def refuse() -> None:
    """Put on the record that somebody opened a link that is over."""
    with in_platform():
        record(Event.RECOVERY_REFUSED, center=INSTALLATION)


def _begin(member: Membership, *, by: Staff | None, reason: str) -> Recovery:
    """A new row, with the person locked: of two at the same moment the second finds the first."""
    staff = _hold_person(member.staff_id)
    before = Recovery.objects.filter(staff=staff, used_at=None, cancelled_at=None)
    if any(row.state != RecoveryState.LAPSED for row in before):
        raise OpenAlready
    before.update(cancelled_at=timezone.now())
    return Recovery.objects.create(center_id=member.center_id, staff=staff, opened_by=by, reason=reason)


def _hold_person(staff_id: UUID) -> Staff:
    """Lock a person, always before a recovery of hers, so that nobody waits for each other."""
    return Staff.objects.select_for_update().get(pk=staff_id)


def _locked(recovery: Recovery) -> Recovery:
    return Recovery.objects.select_for_update().get(pk=recovery.pk)


def _refuse_oneself(row: Recovery, by: Membership) -> None:
    if row.staff_id == by.staff_id:
        raise NotForOneself


def _new_link(row: Recovery, *, by: Staff | None, until: datetime) -> str:
    secret = secrets.token_urlsafe(24)
    row.link_hash, row.link_until, row.link_by = _hash(secret), until, by
    row.save(update_fields=["link_hash", "link_until", "link_by"])
    return settings.STAFF_BASE_URL + reverse("recovery", args=[secret])


def _is_usable(row: Recovery) -> bool:
    """Whether its link opens: it holds, and she still works there; of an admin's link, the admin too, and she nowhere
    else."""
    people_here = Membership.objects.current().filter(center=row.center_id)
    here = people_here.filter(staff=row.staff_id).first()
    if here is None or row.state != RecoveryState.LINKED:
        return False
    is_admins = people_here.who_may(Permission.STAFF).filter(staff=row.link_by_id).exists()
    return row.opened_by_id is None or (is_admins and not _works_elsewhere(here))


def _take_ways_away(staff: Staff) -> None:
    for kind in (Passkey, TotpDevice, RecoverySet):
        kind.objects.filter(user=staff).delete()
    KnownDevice.objects.filter(staff=staff).delete()
    staff.password = make_password(None)
    staff.save(update_fields=["password"])
    forget_sessions(staff)


def _works_elsewhere(member: Membership) -> bool:
    with in_platform():
        theirs = Membership.objects.on_staff().filter(staff=member.staff_id)
        return theirs.exclude(center=member.center_id).exists()


def _record(event: Event, row: Recovery) -> LogEntry:
    return record(event, subject=row.staff, center=row.center_id, facts={"recovery": str(row.pk)})


def _tell_all(row: Recovery, to_her: Notice, to_admins: Notice, *but: Staff) -> None:
    tell(row.staff, to_her)
    tell_admins(row.center_id, to_admins, row.staff, *but)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
