"""The keystore's rows. Keys are here only in wrapped form."""

from django.db import models
from django.db.models import Q

from tenancy.ids import uuid7


class Key(models.Model):
    """One key of a center, wrapped by the center's key or by a root key."""

    class Purpose(models.TextChoices):
        """What a key is for. A center key wraps the others; root keys wrap what is in `BY_ROOT`."""

        CENTER = "center"
        REST = "rest"
        EPOCH = "epoch"
        PHONE_INDEX = "phone-index"
        EMAIL_INDEX = "email-index"
        SIGNING = "signing"
        SPOOL = "spool"

    class State(models.TextChoices):
        """Active keys seal and open, retired keys only open, destroyed keys are gone for good."""

        ACTIVE = "active"
        RETIRED = "retired"
        DESTROYED = "destroyed"

    BY_ROOT = (Purpose.CENTER, Purpose.SIGNING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kid = models.BinaryField(max_length=8, unique=True)
    center_id = models.UUIDField()
    purpose = models.CharField(max_length=16, choices=Purpose)
    owner_id = models.UUIDField(null=True)
    wrapped = models.BinaryField()
    wrapped_by = models.BinaryField(max_length=8)
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["wrapped_by"], name="encryption_key_wrapped_by"),
            models.Index(fields=["center_id", "purpose", "owner_id"], name="encryption_key_scope"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["center_id", "purpose", "owner_id"],
                condition=Q(state="active"),
                nulls_distinct=False,
                name="encryption_key_one_active",
            ),
            models.CheckConstraint(
                condition=Q(state="destroyed", wrapped=b"") | (~Q(state="destroyed") & ~Q(wrapped=b"")),
                name="encryption_key_destroyed_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} key {bytes(self.kid).hex()} ({self.state})"
