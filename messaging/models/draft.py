from django.conf import settings
from django.db import models

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class Draft(models.Model):
    """What one person has half typed in one conversation. Private to her or him."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="drafts", db_index=False)
    epoch = models.UUIDField(editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    body = SealedTextField(schema="messaging.draft.body.v1")
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "staff"], name="one_draft_a_person")]

    def __str__(self) -> str:
        return f"draft {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction="draft")


class ReadMark(models.Model):
    """How far one person has read one conversation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="read_marks", db_index=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "staff"], name="one_read_mark_a_person")]

    def __str__(self) -> str:
        return f"read mark {self.pk}"
