from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from encryption.fields import SealedJSONField
from encryption.scope import SealScope
from messaging.models.client import Client
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class Knowing(models.TextChoices):
    """How somebody knows who writes. To be unsure is no way to know."""

    NEW = "new", _("Nobody whom we know")
    TOLD = "told", _("She told something only she would know")
    WORDS = "words", _("She answered the check-in words we had agreed")
    VOICE = "voice", _("I spoke with her and know her voice")


POSITIVE = (Knowing.TOLD, Knowing.WORDS, Knowing.VOICE)  # what it takes to say that it is somebody we know


class RecognitionQuerySet(models.QuerySet["Recognition"]):
    def standing(self) -> Self:
        """What nobody has taken back. Of one conversation the latest one counts."""
        return self.filter(undone_at=None)


class Recognition(models.Model):
    """Somebody of the center said who writes in a conversation: a client we know, or nobody whom we know.

    A conversation is with the `client` of its latest standing row; where none stands, with `was` of its first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="recognitions")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", db_index=False)
    was = models.ForeignKey(Client, models.PROTECT, related_name="+", db_index=False)
    known_by = models.ForeignKey(Conversation, models.PROTECT, null=True, related_name="+", db_index=False)
    # What her card took over from the other one: for each column what it said before, and what it says since.
    took = SealedJSONField(schema="messaging.recognition.took.v1")
    epoch = models.UUIDField(editable=False)  # of the client who took it
    how = models.CharField(max_length=8, choices=Knowing.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = RecognitionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"recognition {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch)
