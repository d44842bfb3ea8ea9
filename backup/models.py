"""How backups stand: for the health page and the doctor, which cannot see the places where they lie."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

LATE = timedelta(minutes=15)  # three increments were missed


class Standing(models.Model):
    """One row, brought up to date by every backup that is kept. After a restore it is of its time, as all is.

    deletable_since  since when this server is known to be able to delete what lies there; None while it cannot
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    whole_at = models.DateTimeField(null=True)
    increment_at = models.DateTimeField(null=True)
    deletable_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "how backups stand"

    @property
    def newest_at(self) -> datetime | None:
        return max(filter(None, [self.whole_at, self.increment_at]), default=None)

    @property
    def minutes(self) -> int | None:
        """How old the newest one is."""
        return int((timezone.now() - self.newest_at).total_seconds() // 60) if self.newest_at else None

    @property
    def is_late(self) -> bool:
        """Whether increments were made, and are not made any more."""
        return bool(self.increment_at and self.newest_at and timezone.now() - self.newest_at > LATE)
