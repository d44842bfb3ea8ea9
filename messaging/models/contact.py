from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from encryption.fields import SealedJSONField
from encryption.scope import SealScope
from tenancy.ids import uuid7


class ContactWay(models.TextChoices):
    """How she would rather be reached."""

    UNKNOWN = "", _("She has not said")
    TEXT = "text", _("By text")
    CALL = "call", _("By phone call")


class CallRule(models.TextChoices):
    """What she said about being called."""

    UNKNOWN = "", _("She has not said")
    NO_VOICEMAIL = "no_voicemail", _("Leave no voicemail")
    NEVER = "never", _("Do not call her")


class ClientChange(models.Model):
    """One change of what is known of a client: who made it, when, and what stood there before."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey("messaging.Client", models.PROTECT, related_name="changes", db_index=False)
    epoch = models.UUIDField(editable=False)
    version = models.PositiveIntegerField()  # of the client, once it was changed
    before = SealedJSONField(schema="messaging.client_change.before.v1")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "version"], name="one_change_a_version")]

    def __str__(self) -> str:
        return f"change {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch)
