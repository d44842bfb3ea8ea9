"""Staff of a center: what they may do, and the end of it."""

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.actions.desks import forget_sessions, sign_out_everywhere
from accounts.actions.signing import centers_of
from accounts.actions.telling import tell
from accounts.models import Center, Membership, Role, Staff
from accounts.notices import Notice
from accounts.roles import PASSKEY_ROLES, Permission
from accounts.signals import access_ended, gives_up_conversations
from accounts.ways import HAS_A_WAY, ways_of
from audit.events import Event
from audit.guard import audited
from audit.record import record
from audit.sealing import refuse_while_the_log_stands_still, seal_before_the_answer
from tenancy.ids import INSTALLATION


class LastAdmin(Exception):
    """A center needs an admin who comes in at any hour: without her it could not be put right from inside."""


class MayNoLonger(PermissionDenied):
    """Whoever asks was suspended, or lost the role for it, while she asked."""


def change_role(membership: Membership, role: str, *, by: Membership) -> None:
    """Give somebody another role. Her open sockets are looked at again at once.

    Of one who may not answer any more, what she held goes back to everybody. Raises `LastAdmin` or `MayNoLonger`.
    """
    refuse_while_the_log_stands_still()
    with audited(Event.ROLE_CHANGED):
        row = locked(membership, by=by)
        if row.role == role:
            return
        keep_an_admin(row)
        facts = {"before": row.role, "after": str(role)}
        row.role = role
        row.save(update_fields=["role"])
        seal_before_the_answer(record(Event.ROLE_CHANGED, subject=row, facts=facts))
        tell(row.staff, Notice.ROLE_CHANGED)
        if not row.may(Permission.CONVERSATIONS):
            gives_up_conversations.send(sender=Membership, membership=row, by=by)
        access_ended.send(sender=Membership, staff_id=row.staff_id)


def end_membership(membership: Membership, *, by: Membership) -> None:
    """End somebody's work in a center: what she held goes back to everybody, her sessions there end.

    Raises `LastAdmin` or `MayNoLonger`.
    """
    refuse_while_the_log_stands_still()
    with audited(Event.STAFF_DEACTIVATED):
        row = locked(membership, by=by)
        if row.ended_at:
            return
        keep_an_admin(row)
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        seal_before_the_answer(record(Event.STAFF_DEACTIVATED, subject=row))
        tell(row.staff, Notice.ACCESS_ENDED)
        gives_up_conversations.send(sender=Membership, membership=row, by=by)
        sign_out_everywhere(row)
        if not centers_of(row.staff):
            forget_sessions(row.staff)  # half a sign-in too
        access_ended.send(sender=Membership, staff_id=row.staff_id)


@transaction.atomic
def return_to_the_pool(membership: Membership, *, by: Membership) -> None:
    """Give back to everybody what somebody holds. Each conversation is on the record by itself."""
    hold(by)
    gives_up_conversations.send(sender=Membership, membership=membership, by=by)


class NoPasskey(Exception):
    """Whoever asks others for passkeys has to have one."""


def require_passkeys(by: Membership, *, is_required: bool) -> None:
    """Have admins and auditors of a center come in with passkeys alone, from now on or never. Raises `NoPasskey`."""
    refuse_while_the_log_stands_still()
    if is_required and not ways_of(by.staff).usable_passkeys:
        raise NoPasskey
    with transaction.atomic():
        hold(by)
        center = Center.objects.select_for_update().get(pk=by.center_id)
        center.passkeys_from = timezone.now() if is_required else None
        center.save(update_fields=["passkeys_from"])
        facts = {"setting": "passkeys", "after": "required" if is_required else "free"}
        seal_before_the_answer(record(Event.CENTER_CHANGED, subject=center, facts=facts))
        for staff_id in center.memberships.current().filter(role__in=PASSKEY_ROLES).values_list("staff_id", flat=True):
            access_ended.send(sender=Center, staff_id=staff_id)


def change_password(staff: Staff, password: str) -> None:
    """Set a new password. Every other session of this person ends by it. Not for where a transaction is open."""
    keep_password(staff, make_password(password))


@transaction.atomic
def keep_password(staff: Staff, hashed: str) -> None:
    """Set a new password that was hashed before, while no row was locked. Every other session ends by it."""
    staff.password = hashed
    staff.save(update_fields=["password"])
    record(Event.PASSWORD_SET, subject=staff, center=INSTALLATION)
    if ways_of(staff).count:
        tell(staff, Notice.PASSWORD_CHANGED)
    access_ended.send(sender=Staff, staff_id=staff.pk)


@transaction.atomic
def change_person(staff: Staff, *, name: str, language: str) -> None:
    staff.name, staff.language = name, language
    staff.save(update_fields=["name", "language"])
    record(Event.STAFF_CHANGED, subject=staff, center=INSTALLATION, facts={"language": language})


def locked(membership: Membership, *, by: Membership) -> Membership:
    """The row, with all of its center locked in one order: two admins may not end each other at the same moment.

    Raises `MayNoLonger` if whoever asks may do so no longer.
    """
    rows = Membership.objects.select_for_update(no_key=True)
    list(rows.filter(center=membership.center_id, ended_at=None).order_by("pk").values_list("pk"))
    hold(by)
    return rows.get(pk=membership.pk)


def hold(by: Membership) -> None:
    """Lock her own row until the transaction ends: nobody suspends her meanwhile. Raises `MayNoLonger`."""
    if not Membership.objects.held(Permission.STAFF).filter(pk=by.pk).exists():
        raise MayNoLonger


def keep_an_admin(row: Membership) -> None:
    """Raise `LastAdmin` if no other admin than this one comes in at any hour, by a way that she has set up."""
    always_in = Membership.objects.current().filter(center=row.center_id, role=Role.ADMIN, roster=None)
    always_in = always_in.filter(HAS_A_WAY)
    if row.role == Role.ADMIN and not always_in.exclude(pk=row.pk).exists():
        raise LastAdmin
