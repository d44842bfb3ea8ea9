from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import uuid7

WAITS = timedelta(hours=24)
STAYS = timedelta(hours=72)  # after the wait; then it is over, and another one has to be opened
LINK_LASTS = timedelta(minutes=30)


class RecoveryState(StrEnum):
    """Where a recovery stands."""

    WAITING = "waiting"
    READY = "ready"
    LINKED = "linked"  # a link is out and holds
    USED = "used"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    def open(self) -> Self:
        """Neither used nor cancelled, and not too old."""
        return self.filter(used_at=None, cancelled_at=None, due_at__gt=timezone.now() - STAYS)


def due() -> datetime:
    return timezone.now() + WAITS


class Recovery(models.Model):
    """Somebody has lost every way of signing in, and an admin says that she may set up a new one.

    opened_by       None: on the server's console
    agreed_by       a second admin, who waives the wait
    link_hash       of the last link's secret, which is not kept
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="recoveries")
    reason = SealedTextField(schema="accounts.recovery.reason.v1")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=due)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    link_hash = models.BinaryField(max_length=32, null=True, unique=True, editable=False)
    link_until = models.DateTimeField(null=True)
    link_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "recoveries"
        constraints = [
            models.UniqueConstraint(
                fields=["staff"],
                condition=models.Q(used_at=None, cancelled_at=None),
                name="one_recovery_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"recovery {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id)

    @property
    def can_have_link(self) -> bool:
        return self.state in (RecoveryState.READY, RecoveryState.LINKED)

    @property
    def state(self) -> RecoveryState:
        now = timezone.now()
        if self.used_at:
            return RecoveryState.USED
        if self.cancelled_at:
            return RecoveryState.CANCELLED
        if now >= self.due_at + STAYS:
            return RecoveryState.LAPSED
        if self.link_until and now < self.link_until:
            return RecoveryState.LINKED
        return RecoveryState.READY if self.agreed_at or now >= self.due_at else RecoveryState.WAITING
