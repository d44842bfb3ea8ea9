"""Second factors: an authenticator app, and ten codes for the day when the app is gone."""

import secrets
from typing import NamedTuple

import django_otp
from django.db import transaction
from django_otp.models import Device

from accounts.actions.telling import tell
from accounts.models import RecoveryCode, RecoverySet, Staff, TotpDevice
from accounts.notices import Notice
from accounts.ways import ways_of
from audit.events import Event
from audit.record import record
from tenancy.ids import INSTALLATION

CODES = 10
CODE_BYTES = 10  # 80 bits


class Passed(NamedTuple):
    """A second factor that was accepted, and what it was."""

    device: Device
    is_recovery: bool


@transaction.atomic
def begin_totp(staff: Staff) -> TotpDevice:
    """An authenticator that waits to be confirmed; one that waited before is replaced."""
    staff.totpdevice_set.filter(confirmed=False).delete()
    device = TotpDevice(user=staff, name="authenticator", confirmed=False, key=secrets.token_bytes(20))
    device.save(force_insert=True)
    return device


@transaction.atomic
def confirm_totp(device: TotpDevice, code: str) -> bool:
    """Confirm an authenticator by a first code; earlier ones of the same person go."""
    if django_otp.verify_token(device.user, device.persistent_id, code) is None:
        return False
    device.refresh_from_db()
    is_first = not ways_of(device.user).count
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    TotpDevice.objects.filter(user=device.user).exclude(pk=device.pk).delete()
    record(Event.FACTOR_ADDED, subject=device, center=INSTALLATION, facts={"kind": "authenticator"})
    tell(device.user, Notice.ACCOUNT_READY if is_first else Notice.FACTOR_ADDED)
    return True


@transaction.atomic
def make_recovery_codes(staff: Staff) -> list[str]:
    """Ten new codes, shown this once; the ones before are void."""
    had_some, _ = RecoverySet.objects.filter(user=staff).delete()
    kept = RecoverySet.objects.create(user=staff, name="recovery codes", confirmed=True)
    codes = [_new_code() for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(recovery_set=kept, digest=kept.digest_of(code)) for code in codes)
    record(Event.RECOVERY_CODES_MADE, subject=kept, center=INSTALLATION)
    if had_some:
        tell(staff, Notice.RECOVERY_CODES_MADE)
    return codes


@transaction.atomic
def verify(staff: Staff, code: str, *, opens: bool = True) -> Passed | None:
    """Try a code as the authenticator's, or as a recovery code.

    opens    False where even the right code opens nothing: it is looked at alike, is refused, and is not used up
    """
    passed = _tried(staff, code.strip())
    if not opens:
        transaction.set_rollback(True)
        return None
    return passed


def _tried(staff: Staff, code: str) -> Passed | None:
    is_totp = code.replace(" ", "").isdigit()
    devices: list[Device] = list((staff.totpdevice_set if is_totp else staff.recoveryset_set).filter(confirmed=True))
    for device in devices:
        token = code.replace(" ", "") if is_totp else code
        if passed := django_otp.verify_token(staff, device.persistent_id, token):
            if not is_totp:
                tell(staff, Notice.RECOVERY_CODE_USED)
            return Passed(passed, is_recovery=not is_totp)
    return None


def is_out_of_step(staff: Staff, code: str) -> bool:
    """Whether a code that was refused is of a time a few minutes off. Told only to whoever has proved the rest."""
    token = code.replace(" ", "")
    return any(device.is_out_of_step(token) for device in staff.totpdevice_set.filter(confirmed=True))


def _new_code() -> str:
    """Four groups of five letters and digits: twenty hexadecimal signs are 80 bits."""
    text = secrets.token_hex(CODE_BYTES)
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))
