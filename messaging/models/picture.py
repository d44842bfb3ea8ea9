"""Pictures on their way out: put with what somebody writes, then fetched by Twilio from an address of their own."""

from django.conf import settings
from django.db import models

from encryption.fields import SealedFileField
from encryption.scope import SealScope
from messaging.models.attachment import Attachment
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class DraftPictureQuerySet(models.QuerySet["DraftPicture"]):
    def without_content(self) -> "DraftPictureQuerySet":
        """In the order in which they were added; megabytes are read only by whoever shows or sends them."""
        return self.defer("content").order_by("pk")


class DraftPicture(models.Model):
    """A picture that one person has put with what she is writing, drawn anew. Private to her or him, like a draft."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="draft_pictures", db_index=False)
    epoch = models.UUIDField(editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # The page's own key: a picture that is posted again is added once.
    client_key = models.UUIDField()
    content_type = models.CharField(max_length=24)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes, unsealed
    content = SealedFileField(schema="messaging.draft_picture.content.v1")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DraftPictureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "staff", "client_key"], name="one_draft_picture_a_key")
        ]

    def __str__(self) -> str:
        return f"draft picture {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction="draft")


class PictureAddress(models.Model):
    """Where Twilio may fetch one picture of one text, for a while. Only a hash of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="addresses")
    secret_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"picture address {self.pk}"
