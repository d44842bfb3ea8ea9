"""What the log says of backups that are kept. The one that a drill throws away is none."""

from datetime import datetime

from audit.events import Event
from audit.facts import Fact
from audit.models import LogEntry
from audit.record import record
from backup.making import Made
from tenancy.scope import in_platform


def keep_on_record(made: Made) -> None:
    """Whole backups are acts. Increments are hundreds a day, and nobody's decision: they are not entries of the log."""
    manifest = made.manifest
    if manifest.follows:
        return
    facts: dict[str, Fact] = {"backup": str(manifest.id), "rows": sum(manifest.tables.values())}
    with in_platform():
        record(Event.BACKUP_MADE, facts=facts)


def last_backup_at() -> datetime | None:
    """When the newest backup was made."""
    with in_platform():
        made = LogEntry.objects.filter(center_id=None, event=Event.BACKUP_MADE).order_by("-timestamp", "-id")
        last: datetime | None = made.values_list("timestamp", flat=True).first()
        return last
