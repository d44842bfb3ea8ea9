from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Membership
from encryption.fields import SealedTextField
from encryption.scope import SealScope
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7

WAITS = timedelta(days=7)  # then nobody needs it any more
OPEN_FOR = timedelta(hours=1)  # after a second person has agreed


class PrintoutQuerySet(models.QuerySet["Printout"]):
    def waiting(self) -> Self:
        """Asked for, and neither agreed to nor refused."""
        return self.filter(agreed_at=None, refused_at=None, asked_at__gt=timezone.now() - WAITS)

    def agreed(self) -> Self:
        """Those that may be printed now."""
        return self.filter(agreed_at__gt=timezone.now() - OPEN_FOR)


class Printout(models.Model):
    """A whole conversation that one person wants on paper, and the second person who decided about it (WEB-11)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="printouts", db_index=False)
    epoch = models.UUIDField(editable=False)
    reason = SealedTextField(schema="messaging.printout.reason.v1")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    agreed_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    objects = PrintoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("asked_by")), name="printout_needs_a_second_person"
            )
        ]
        indexes = [
            models.Index(fields=["conversation", "-asked_at"], name="printout_of"),
            models.Index(
                fields=["center", "asked_at"],
                condition=models.Q(agreed_at=None, refused_at=None),
                name="printout_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"printout {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction="print")

    @property
    def is_waiting(self) -> bool:
        return not (self.agreed_at or self.refused_at) and self.asked_at > timezone.now() - WAITS

    def may_be_printed_by(self, member: Membership) -> bool:
        """Whoever asked for it, while the hour lasts that the second person has given her."""
        is_hers = self.asked_by_id == member.staff_id
        return is_hers and self.agreed_at is not None and self.agreed_at > timezone.now() - OPEN_FOR
