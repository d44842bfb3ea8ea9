from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import uuid7


class Center(models.Model):
    """One organisation. Everything that belongs to it carries its id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = SealedTextField(schema="accounts.center.name.v1")
    # What a stranger may see: a first name or initials, never what the center does.
    quiet_name = SealedTextField(schema="accounts.center.quiet_name.v1")
    time_zone = models.CharField(max_length=64, default="America/New_York")
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"center {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.pk)

    @property
    def center_id(self) -> UUID:
        return self.pk

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
