"""How the work stands: for the health page. Constant cost: only what waits or died is counted."""

from django.utils import timezone

from jobs.models import Job
from tenancy.scope import in_platform

LATE = 30  # seconds that a job may be due before somebody should know


def depth() -> int:
    """How many jobs are due or leased now."""
    with in_platform():
        return Job.objects.waiting().filter(run_at__lte=timezone.now()).count()


def oldest_due_seconds() -> float:
    """For how long the oldest due job has been due; 0 when none is."""
    now = timezone.now()
    with in_platform():
        oldest = Job.objects.waiting().filter(run_at__lte=now).order_by("run_at").first()
    return (now - oldest.run_at).total_seconds() if oldest else 0.0


def dead_count() -> int:
    """How many jobs were given up."""
    with in_platform():
        return Job.objects.filter(dead_at__isnull=False).count()


def is_late() -> bool:
    """Whether work has been due for so long that nobody seems to do it."""
    return oldest_due_seconds() > LATE
