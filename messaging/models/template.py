from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import uuid7


class TemplateUse(models.TextChoices):
    REPLY = "reply", _("for staff to pick")
    AUTO_OPEN = "auto_open", _("automatic answer while we are open")
    AUTO_CLOSED = "auto_closed", _("automatic answer while we are closed")
    CALL_BEGINS = "call_begins", _("said to a caller before it rings")
    VOICEMAIL = "voicemail", _("said to a caller before she can leave a message")
    MISSED_CALL = "missed_call", _("text after a missed call")

    @property
    def is_spoken(self) -> bool:
        """Whether it is said on the phone, and not written."""
        return self in (TemplateUse.CALL_BEGINS, TemplateUse.VOICEMAIL)


class Template(models.Model):
    """Words that a center has chosen beforehand, in one language."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+")
    use = models.CharField(max_length=12, choices=TemplateUse.choices, default=TemplateUse.REPLY)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    name = SealedTextField(schema="messaging.template.name.v1")
    body = SealedTextField(schema="messaging.template.body.v1")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["center", "use", "language"],
                condition=models.Q(retired_at=None) & ~models.Q(use="reply"),
                name="one_automatic_template_a_language",
            )
        ]

    def __str__(self) -> str:
        return f"template {self.pk}"

    @property
    def is_spoken(self) -> bool:
        return TemplateUse(self.use).is_spoken

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id)
