"""Passkeys of a person: made, named, proved, taken away."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import ceremonies, challenges
from accounts.actions import signing
from accounts.actions.telling import tell, tell_admins_of
from accounts.ceremonies import Answer, NotAccepted
from accounts.models import Passkey, Staff
from accounts.notices import Notice
from accounts.signals import access_ended
from accounts.ways import ways_of
from audit.events import Event
from audit.record import record
from tenancy.ids import INSTALLATION


class KeyCopied(Exception):
    """A key proved itself, but its counter says that it, or another one like it, was used in between."""


class LastWay(Exception):
    """Without this key the person could not sign in any more."""


@transaction.atomic
def add(staff: Staff, *, name: str, answer: str, challenge: bytes) -> Passkey:
    """Keep a key that was just made. Raises `NotAccepted`."""
    made = ceremonies.new_key(answer, challenge)
    challenges.spend(challenge)
    is_first = not ways_of(staff).count
    try:
        with transaction.atomic():
            passkey: Passkey = Passkey.objects.create(user=staff, name=name, **made._asdict())
    except IntegrityError as problem:
        raise NotAccepted from problem
    record(Event.PASSKEY_ADDED, subject=passkey, center=INSTALLATION)
    tell(staff, Notice.ACCOUNT_READY if is_first else Notice.PASSKEY_ADDED)
    return passkey


@transaction.atomic
def rename(passkey: Passkey, name: str) -> None:
    passkey.name = name
    passkey.save(update_fields=["name"])
    record(Event.PASSKEY_RENAMED, subject=passkey, center=INSTALLATION)


@transaction.atomic
def remove(passkey: Passkey) -> None:
    """Take a key away; sessions that it opened end. Raises `LastWay`."""
    staff = Staff.objects.select_for_update().get(pk=passkey.user_id)
    ways = ways_of(staff)
    if passkey.confirmed and ways.count <= 1:
        raise LastWay
    record(Event.PASSKEY_REMOVED, subject=passkey, center=INSTALLATION)
    passkey.delete()
    tell(staff, Notice.PASSKEY_REMOVED)
    access_ended.send(sender=Staff, staff_id=staff.pk)


def prove(answer: str, challenge: bytes, *, staff: Staff | None = None) -> Passkey:
    """The key that signed this challenge, with its counter moved on.

    staff    whose key it must be; without, the answer itself has to say
    raises   `NotAccepted`, or `KeyCopied` when the counter did not move: the key is shut from then on
    """
    given = ceremonies.parse(answer)
    with transaction.atomic():
        passkey = _claimed(given, staff)
        count = ceremonies.proved(given, challenge, public_key=bytes(passkey.public_key))
        challenges.spend(challenge)
        is_copied = passkey.shut_at is not None or _stood_still(passkey.sign_count, count)
        if is_copied:
            _shut(passkey)
        else:
            passkey.sign_count, passkey.last_used_at = count, timezone.now()
            passkey.save(update_fields=["sign_count", "last_used_at"])
    if is_copied:
        raise KeyCopied
    return passkey


def _claimed(given: Answer, staff: Staff | None) -> Passkey:
    """The row of the key that the answer names, locked: of two answers at once the second sees the first's counter."""
    rows = Passkey.objects.select_for_update(of=("self",)).select_related("user")
    passkey: Passkey | None = rows.filter(credential_id=given.credential_id, user__is_active=True).first()
    if passkey is None or (staff and passkey.user_id != staff.pk):
        raise NotAccepted
    if given.handle != passkey.user.pk.bytes and not (staff and given.handle is None):
        raise NotAccepted
    return passkey


def _stood_still(before: int, now: int) -> bool:
    """Keys that are copied between devices on purpose do not count: they say 0 always (WebAuthn, 6.1.1)."""
    return (before > 0 or now > 0) and now <= before


def _shut(passkey: Passkey) -> None:
    """Nobody can tell the key from its copy, so neither opens anything, and what they opened ends."""
    if passkey.shut_at is None:
        passkey.shut_at, passkey.confirmed = timezone.now(), False
        passkey.save(update_fields=["shut_at", "confirmed"])
        access_ended.send(sender=Staff, staff_id=passkey.user_id)
        tell(passkey.user, Notice.PASSKEY_SHUT)
        tell_admins_of(passkey.user, Notice.COLLEAGUES_PASSKEY_SHUT)
    signing.note_of_stranger(Event.PASSKEY_COPIED, passkey.user)
