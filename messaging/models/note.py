from django.conf import settings
from django.db import models

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class Note(models.Model):
    """Words among staff about a conversation. Nothing sends them: only a Message can leave."""

    kind = "note"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="notes", db_index=False)
    epoch = models.UUIDField(editable=False)
    sequence = models.PositiveIntegerField()
    body = SealedTextField(schema="messaging.note.body.v1")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    client_key = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "sequence"], name="note_sequence"),
            models.UniqueConstraint(fields=["conversation", "client_key"], name="one_note_a_client_key"),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction="note")
