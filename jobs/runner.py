"""Claims what is due and does it. Safe in any number of workers at once, and after any of them died."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import structlog
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from jobs.models import Job
from jobs.registry import Work, surroundings, work_of
from tenancy.scope import in_platform

LEASE = timedelta(seconds=30)  # renewed while the worker lives, so a dead one's work waits no longer than this
RENEW_AFTER = 10.0  # seconds
KEPT = timedelta(days=7)

log = structlog.get_logger(__name__)


def run_due(limit: int = 50, seconds: float = 60) -> int:
    """Do what is due, oldest first, one after the other; return how many were tried.

    limit      at most so many
    seconds    begin no further job after this time
    """
    deadline, tried = time.monotonic() + seconds, 0
    while tried < limit and time.monotonic() < deadline:
        job = _claim()
        if job is None:
            break
        _run(job)
        tried += 1
    return tried


def forget_done() -> int:
    """Remove what was done long ago; return how many."""
    with in_platform():
        removed, _ = Job.objects.filter(done_at__lt=timezone.now() - KEPT).delete()
    return removed


def _claim() -> Job | None:
    """Lease the oldest due job. The attempt counts from here, so a job that kills its worker ends too."""
    now = timezone.now()
    with in_platform():
        due = Job.objects.due(now).order_by("run_at").select_for_update(skip_locked=True)
        job = due.first()
        if job is None:
            return None
        job.attempts += 1
        job.lease_until = now + LEASE
        job.save(update_fields=["attempts", "lease_until"])
        return job


def _run(job: Job) -> None:
    work = work_of(job.kind)
    if work is None or job.attempts > work.tries:
        _give_up(job, work, "NoHandler" if work is None else job.last_error or "WorkerLost")
        return
    with surroundings(job):
        try:
            with _held(job):
                work.handler(job)
        except work.retried as error:
            _try_again_or_give_up(job, work, error)
        except Exception as error:  # noqa: BLE001  # whatever a handler raises ends this job, not the worker
            _give_up(job, work, type(error).__name__)
        else:
            _set(job, done_at=timezone.now(), lease_until=None)


@contextmanager
def _held(job: Job) -> Iterator[None]:
    """Keep the job's lease while its handler runs. Most are done before the first renewal is due."""
    done = Event()
    renewing = Thread(target=_renew, args=(job, done), name="lease", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        done.set()
        renewing.join()  # or a late renewal would hold a job that is to be tried again


def _renew(job: Job, done: Event) -> None:
    while not done.wait(RENEW_AFTER):
        try:
            with job.scope():
                mine = Job.objects.filter(pk=job.pk, attempts=job.attempts, done_at=None)
                mine.update(lease_until=timezone.now() + LEASE)
        except DatabaseError as trouble:  # tried again in ten seconds; if it stays away, another worker takes over
            log.warning("lease_not_renewed", kind=job.kind, job=str(job.pk), error=type(trouble).__name__)
        finally:
            connection.close()


def _try_again_or_give_up(job: Job, work: Work, error: Exception) -> None:
    name = type(error).__name__
    if job.attempts >= work.tries:
        _give_up(job, work, name)
        return
    log.info("job_failed", kind=job.kind, job=str(job.pk), attempts=job.attempts, error=name)
    again = timezone.now() + work.backoff.after(job.attempts)
    _set(job, run_at=again, lease_until=None, last_error=name)


def _give_up(job: Job, work: Work | None, error: str) -> None:
    """Mark a job dead and, in the same transaction, leave what it owed to a person."""
    log.error("job_dead", kind=job.kind, job=str(job.pk), attempts=job.attempts, error=error)
    try:
        with surroundings(job), job.scope():
            _set(job, dead_at=timezone.now(), lease_until=None, last_error=error)
            if work and work.dead:
                work.dead(job)
    except DatabaseError as trouble:
        log.error("job_not_given_up", kind=job.kind, job=str(job.pk), error=type(trouble).__name__)


def _set(job: Job, **values: object) -> None:
    """Write the outcome of this attempt, unless a later one has taken the job over."""
    with job.scope(), transaction.atomic():
        Job.objects.filter(pk=job.pk, attempts=job.attempts).update(**values)
