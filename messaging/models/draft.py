from django.conf import settings
from django.db import models

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class Draft(models.Model):
    """What one person has half typed in one conversation: a reply, a note. Private to her or him.

    `beside` holds what was typed in another window meanwhile, until its writer chooses.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="drafts", db_index=False)
    epoch = models.UUIDField(editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    body = SealedTextField(schema="messaging.draft.body.v1")
    note = SealedTextField(schema="messaging.draft.note.v1", null=True)
    beside = SealedTextField(schema="messaging.draft.beside.v1", null=True)
    page = models.UUIDField(null=True)  # the window that kept `body`; null: the server did
    version = models.UUIDField(default=uuid7)  # another one each time that `body` is kept
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
