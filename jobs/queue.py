from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jobs.models import Job
from jobs.nudge import nudge


def enqueue(
    kind: str,
    subject_id: UUID,
    *,
    center: UUID | None,
    run_at: datetime | None = None,
    dedupe: str | None = None,
) -> Job:
    """Have something done, in the caller's transaction; on commit a worker is nudged.

    kind     the name under which a handler is registered
    run_at   not before this time; now by default
    dedupe   work with a key that is known already is not added again, and the first row comes back
    """
    job = Job(kind=kind, subject_id=subject_id, center_id=center, run_at=run_at or timezone.now(), dedupe_key=dedupe)
    if dedupe is None:
        job.save(force_insert=True)
    else:
        Job.objects.bulk_create([job], ignore_conflicts=True)
        job = Job.objects.get(dedupe_key=dedupe)
    if run_at is None:
        transaction.on_commit(nudge, robust=True)
    return job
