from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import uuid7

IDLE_LEAST, IDLE_MOST = 2, 30  # minutes: what is shorter or longer helps nobody


class Center(models.Model):
    """One organisation. Everything that belongs to it carries its id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = SealedTextField(schema="accounts.center.name.v1")
    # What a stranger may see: a first name or initials, never what the center does.
    quiet_name = SealedTextField(schema="accounts.center.quiet_name.v1")
    time_zone = models.CharField(max_length=64, default="America/New_York")
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    # From when on admins and auditors come in with a passkey alone; None: never.
    passkeys_from = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # When an admin said that everything is set up; until then admins are led there
    set_up_at = models.DateTimeField(null=True)
    # None for what the server is set to
    idle_minutes = models.PositiveSmallIntegerField(null=True)
    # From where its people may come in; empty for everywhere
    networks = ArrayField(models.CharField(max_length=43), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idle_minutes__range=(IDLE_LEAST, IDLE_MOST)), name="a_desk_locks_in_time"
            )
        ]

    def __str__(self) -> str:
        return f"center {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.pk)

    @property
    def center_id(self) -> UUID:
        return self.pk

    @property
    def staff_name(self) -> str:
        """What its own people read on their screens: the quiet name, where it has one."""
        return self.quiet_name or self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def idle_seconds(self) -> int:
        """After so long without a click a desk of this center locks."""
        return self.idle_minutes * 60 if self.idle_minutes else settings.SESSION_IDLE_SECONDS
