from typing import TypedDict

from django.db import models

from encryption.fields import SealedJSONField, SealedTextField
from encryption.scope import SealScope
from tenancy.ids import uuid7


class Credentials(TypedDict):
    """How we prove ourselves to Twilio for one line, and how Twilio proves itself to us."""

    account_sid: str
    auth_token: str


class Line(models.Model):
    """One phone number of a center. Its id stands in the webhook addresses."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="lines")
    number = SealedTextField(schema="messaging.line.number.v1")
    number_index = models.BinaryField(max_length=16, editable=False)
    credentials: "SealedJSONField[Credentials]" = SealedJSONField(schema="messaging.line.credentials.v1")
    messaging_service_sid = SealedTextField(schema="messaging.line.messaging_service.v1", null=True)
    # The phone that rings when a client calls. None: callers can leave a message at once.
    staff_number = SealedTextField(schema="messaging.line.staff_number.v1", null=True)
    ring_seconds = models.PositiveSmallIntegerField(default=20)
    text_back_off_at = models.DateTimeField(null=True)  # since when no text follows a missed call
    connected_at = models.DateTimeField(null=True)  # when Twilio was last found to call the right addresses
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)
    reconciled_at = models.DateTimeField(null=True)  # up to when Twilio's lists were compared with what we hold

    class Meta:
        constraints = [models.UniqueConstraint(fields=["center", "number_index"], name="one_line_a_number")]

    def __str__(self) -> str:
        return f"line {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id)
