from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform

WAITING = Q(done_at=None, dead_at=None)


class JobQuerySet(models.QuerySet["Job"]):
    def waiting(self) -> Self:
        """Neither done nor given up."""
        return self.filter(WAITING)

    def due(self, now: datetime) -> Self:
        """Waiting, its time has come, and nobody holds a lease on it."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.waiting().filter(free, run_at__lte=now)


class Job(models.Model):
    """Work that must happen, due at a time. Holds ids and codes, never a word of a conversation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    run_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    dedupe_key = models.CharField(max_length=120, null=True, unique=True)
    last_error = models.CharField(max_length=80, blank=True)  # the class of an exception, never its words
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["run_at"], condition=WAITING, name="job_due"),
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="job_done"),
            models.Index(fields=["dead_at"], condition=Q(dead_at__isnull=False), name="job_dead"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"

    @contextmanager
    def scope(self) -> Iterator[None]:
        """One transaction that sees the rows of the job's center, or the platform's when it has none."""
        with in_center(self.center_id) if self.center_id else in_platform():
            yield
