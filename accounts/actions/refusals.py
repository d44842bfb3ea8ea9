"""Passwords that were refused: one entry in the log for all of five minutes, with how many they were.

An entry for each would be hundreds of thousands a day by one stranger, in a log that is kept for years.
"""

from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actions import signing
from accounts.actions.attempts import Bucket, add_to
from accounts.limits import MINUTES, Door
from accounts.models import Attempts
from audit.events import Event
from jobs.queue import enqueue
from tenancy.scope import in_platform

NOTE_REFUSALS = "accounts.note_refusals"


@transaction.atomic
def count() -> None:
    """Have one more stand in the log when these five minutes are over."""
    bucket, now = Bucket(Door.REFUSED, ()), timezone.now()
    add_to(bucket, now)
    ends = datetime.fromtimestamp((now.timestamp() // MINUTES.total_seconds() + 1) * MINUTES.total_seconds(), UTC)
    enqueue(NOTE_REFUSALS, bucket.key, center=None, run_at=ends, dedupe=f"refusals:{ends:%Y-%m-%d %H:%M}")


def note_refusals(bucket: UUID) -> None:
    """Put on the record what was counted since the last time, if anything."""
    with in_platform():
        row = Attempts.objects.select_for_update().filter(pk=bucket).first()
        if row is not None:
            signing.note(Event.SIGN_IN_PASSWORD_REFUSED, tries=str(len(row.times)))
            row.delete()
