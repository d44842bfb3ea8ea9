from datetime import timedelta

from django.utils import timezone

from accounts.models import Center
from audit.events import Event
from audit.record import record
from encryption.keystore import create_center_keys
from tenancy.ids import uuid7
from tenancy.scope import in_center

WITHOUT_PASSKEYS = timedelta(days=30)  # then admins and auditors of a new center come in with passkeys alone


def add_center(name: str, *, quiet_name: str = "", time_zone: str = "", language: str = "en") -> Center:
    """Make a center with keys of its own.

    quiet_name    what a stranger may see; nothing by default
    """
    center = Center(id=uuid7(), name=name, quiet_name=quiet_name, language=language)
    center.passkeys_from = timezone.now() + WITHOUT_PASSKEYS
    if time_zone:
        center.time_zone = time_zone
    with in_center(center.pk):
        create_center_keys(center.pk)
        center.save(force_insert=True)
        record(Event.CENTER_ADDED, subject=center)
    return center
