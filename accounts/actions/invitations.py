"""How people come in: one link each, for one use, within 72 hours."""

import hashlib
import secrets

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import hold
from accounts.models import Center, Invitation, Membership, Passkey, Staff
from audit.events import Event
from audit.guard import audited
from audit.record import record
from encryption.blind_index import email_index
from tenancy.ids import INSTALLATION
from tenancy.scope import in_center, in_platform


class InvitationOver(Exception):
    """The link was used, has expired, or never existed. All three look the same from outside."""


class AlreadyHere(Exception):
    """This person works in the center already."""


def invite(center: Center, *, email: str, role: str, by: Membership | None) -> str:
    """Invite somebody and return the address of her link. Its secret is not kept, only a hash.

    by    who asks, and must still be allowed to (`MayNoLonger`); None for the console
    """
    secret = secrets.token_urlsafe(24)
    with in_center(center.pk), audited(Event.INVITATION_MADE):
        if by is not None:
            hold(by)
        here = Membership.objects.on_staff().filter(center=center, staff__email_index=email_index(email))
        if any(_can_sign_in(membership.staff) for membership in here.select_related("staff")):
            raise AlreadyHere  # whoever stopped half way gets another link
        invitation = Invitation.objects.create(
            center=center,
            email=email.strip(),
            role=role,
            invited_by=by.staff if by else None,
            secret_hash=_hash(secret),
        )
        record(Event.INVITATION_MADE, subject=invitation, facts={"role": str(role)})
    return settings.STAFF_BASE_URL + reverse("invitation", args=[secret])


def find_open(secret: str) -> Invitation:
    """The invitation behind a link. Raises `InvitationOver`."""
    with in_platform():
        found = Invitation.objects.filter(secret_hash=_hash(secret)).select_related("center").first()
    if found is None or not found.is_open:
        raise InvitationOver
    return found


def person_invited(invitation: Invitation) -> Staff | None:
    """Whoever has this address already and must sign in to join; None when the link makes somebody new."""
    staff = Staff.objects.filter(email_index=email_index(invitation.email)).first()
    return staff if staff and _is_her_own(staff, invitation) else None


def accept(invitation: Invitation, *, name: str, language: str) -> tuple[Staff, Membership]:
    """Use an invitation up and make, or set up anew, the person it was for. She has no way of signing in yet.

    Of two uses at the same moment one wins; the other raises `InvitationOver`.
    """
    with in_platform(), audited(Event.INVITATION_USED):
        row = _use_up(invitation)
        index = email_index(row.email)
        staff = Staff.objects.select_for_update().filter(email_index=index).first() or Staff(email_index=index)
        if not staff._state.adding and _is_her_own(staff, row):
            raise InvitationOver
        staff.email, staff.name, staff.language = row.email, name, language
        staff.password = make_password(None)
        staff.save()
        return staff, _join(row, staff)


def join(invitation: Invitation, staff: Staff) -> Membership:
    """Use an invitation up for somebody who has signed in already, in another center."""
    with in_platform(), audited(Event.INVITATION_USED):
        if email_index(invitation.email) != bytes(staff.email_index):
            raise InvitationOver
        return _join(_use_up(invitation), staff)


def _use_up(invitation: Invitation) -> Invitation:
    row = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not row.is_open:
        raise InvitationOver
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    return row


def _join(row: Invitation, staff: Staff) -> Membership:
    row.used_by = staff
    row.save(update_fields=["used_by"])
    current = Membership.objects.on_staff().filter(center=row.center_id, staff=staff).first()
    if current:
        return current
    membership = Membership.objects.create(center_id=row.center_id, staff=staff, role=row.role)
    record(Event.STAFF_ADDED, subject=membership, center=row.center_id, facts={"role": str(row.role)})
    return membership


def _is_her_own(staff: Staff, invitation: Invitation) -> bool:
    """Whether a link may no longer set this person up: she has a factor, or another center let her in.

    A center that could set her password would be her in the other one.
    """
    if _can_sign_in(staff):
        return True
    with in_platform():
        return Membership.objects.on_staff().filter(staff=staff).exclude(center=invitation.center_id).exists()


def _can_sign_in(staff: Staff) -> bool:
    kinds = (staff.totpdevice_set, staff.recoveryset_set, Passkey.objects.filter(user=staff))
    return any(factors.filter(confirmed=True).exists() for factors in kinds)


def refuse() -> None:
    """Put on the record that somebody opened a link that is over."""
    with in_platform():
        record(Event.INVITATION_REFUSED, center=INSTALLATION)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
