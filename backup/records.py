"""What is kept of backups that are kept. The one that a drill throws away is none."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit.events import Event
from audit.facts import Fact
from audit.models import LogEntry
from audit.record import record
from backup.manifest import Manifest
from backup.models import Standing
from tenancy.scope import in_platform


def keep_on_record(manifest: Manifest, *, deletable: bool) -> None:
    """A whole backup is an act. Increments are hundreds a day, and nobody's decision: they are no entries of the log.

    deletable  whether this server can delete what lies where it was put
    """
    with in_platform(), transaction.atomic():
        standing, _ = Standing.objects.get_or_create()
        if manifest.follows:
            standing.increment_at = manifest.at
        else:
            standing.whole_at = manifest.at
            facts: dict[str, Fact] = {"backup": str(manifest.id), "rows": sum(manifest.tables.values())}
            record(Event.BACKUP_MADE, facts=facts)
        standing.deletable_since = (standing.deletable_since or timezone.now()) if deletable else None
        standing.save()


def standing() -> Standing:
    """How backups stand; empty before the first."""
    with in_platform():
        return Standing.objects.first() or Standing()


def last_backup_at() -> datetime | None:
    """When the newest whole backup was made."""
    with in_platform():
        made = LogEntry.objects.filter(center_id=None, event=Event.BACKUP_MADE).order_by("-timestamp", "-id")
        last: datetime | None = made.values_list("timestamp", flat=True).first()
        return last
