from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class Held(models.TextChoices):
    """Why a text that was kept for later did not leave at its moment."""

    SPOKEN = "spoken", _("Something was said since it was written.")
    OPTED_OUT = "opted_out", _("She asked to stop texts.")
    ASKED_TO_STOP = "asked_to_stop", _("She may be asking us to stop: please decide that first.")
    CLOSED = "closed", _("The conversation is closed.")
    NOT_TEXTABLE = "not_textable", _("This sender cannot receive texts.")
    TOO_LATE = "too_late", _("Its moment went by while nothing could be sent.")
    NUMBER_ENDED = "number_ended", _("This number no longer reaches her.")
    UNSURE = "unsure", _("She was not heard for weeks by then: please look at the words again.")
    WRITER_GONE = "writer_gone", _("Whoever wrote it no longer writes to clients here.")


class LaterTextQuerySet(models.QuerySet["LaterText"]):
    def open(self) -> Self:
        """Neither sent nor taken back: what waits for its moment, and what was held back at it."""
        return self.filter(message=None, taken_back_at=None)


class LaterText(models.Model):
    """Words that leave at a moment. It belongs to its conversation: whoever holds that has it before her eyes.

    At its moment it becomes a `Message` and goes the way of every reply, or it is held back and a person is asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="later_texts", db_index=False)
    epoch = models.UUIDField(editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    body = SealedTextField(schema="messaging.later_text.body.v1")
    leaves_at = models.DateTimeField()
    last_sequence = models.PositiveIntegerField()  # the last entry its writer had seen
    client_key = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    message = models.OneToOneField("messaging.Message", models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    held_because = models.CharField(max_length=16, choices=Held.choices, blank=True)

    objects = LaterTextQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "client_key"], name="one_later_text_a_key")]
        indexes = [
            models.Index(
                fields=["conversation"],
                condition=models.Q(message=None, taken_back_at=None),
                name="later_text_open",
            )
        ]

    def __str__(self) -> str:
        return f"later text {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction="later")
