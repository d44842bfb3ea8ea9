from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.roles import Role
from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import INSTALLATION, uuid7

LASTS = timedelta(hours=72)


def expiry() -> datetime:
    return timezone.now() + LASTS


class Invitation(models.Model):
    """A link that lets one person in, once. Only a hash of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="invitations")
    email = SealedTextField(schema="accounts.invitation.email.v1")
    role = models.CharField(max_length=16, choices=Role.choices)
    secret_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=expiry)
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(INSTALLATION)

    @property
    def is_open(self) -> bool:
        return self.used_at is None and timezone.now() < self.expires_at
