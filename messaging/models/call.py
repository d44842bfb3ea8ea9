from django.db import models

from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class Call(models.Model):
    """One call of a client. Its beginning, its end and Twilio's list all tell of it; one row stands for all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="calls")
    line = models.ForeignKey("messaging.Line", models.PROTECT, related_name="+", db_index=False)
    twilio_sid = models.CharField(max_length=34)
    said_at = models.DateTimeField(null=True)  # when she called, if that waited in the spool or at Twilio
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "twilio_sid"], name="one_call_a_twilio_sid")]

    def __str__(self) -> str:
        return f"call {self.pk}"
