"""Browsers in which people have signed in, each known by a hash; `accounts.devices` knows the cookie."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actions.telling import tell
from accounts.models import KnownDevice, Staff
from accounts.notices import Notice

LASTS = timedelta(days=90)


def is_known(digest: bytes) -> bool:
    return KnownDevice.objects.filter(digest=digest, used_at__gt=timezone.now() - LASTS).exists()


def note_device(staff: Staff, digest: bytes) -> None:
    """Somebody signed in at this browser. She is told when it is one more than those that she has used before."""
    now = timezone.now()
    if KnownDevice.objects.filter(digest=digest).update(used_at=now):
        return
    with transaction.atomic():
        if KnownDevice.objects.filter(staff=staff).exists():
            tell(staff, Notice.NEW_DEVICE)
        KnownDevice.objects.create(staff=staff, digest=digest, used_at=now)
