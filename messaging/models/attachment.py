from django.db import models
from django.utils.translation import gettext_lazy as _

from encryption.fields import SealedFileField
from encryption.scope import SealScope
from messaging.models.message import Message
from tenancy.ids import uuid7


class AttachmentState(models.TextChoices):
    COMING = "coming", _("still coming")
    STORED = "stored", _("stored")
    REFUSED = "refused", _("damaged or too large")
    LOST = "lost", _("could not be fetched")
    HELD = "held", _("more than are fetched by themselves")
    WAITING = "waiting", _("waiting for room")
    HARMFUL = "harmful", _("harmful")


EXPECTED = (AttachmentState.COMING, AttachmentState.WAITING)  # what comes by itself
ASKABLE = (AttachmentState.LOST, AttachmentState.HELD)  # what a person may have fetched after all


class AttachmentKind(models.TextChoices):
    """What it is, by what is in it and not by what its sender says."""

    PICTURE = "picture", _("Picture")
    VIDEO = "video", _("Video")
    SOUND = "sound", _("Sound")
    DOCUMENT = "document", _("Document")
    CONTACT = "contact", _("Contact card")
    OTHER = "other", _("File")


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def without_content(self) -> "AttachmentQuerySet":
        """For pages: megabytes are read only by whoever shows them."""
        return self.defer("content").order_by("position")

    def unscanned(self) -> "AttachmentQuerySet":
        """What can be saved as it came, and nothing has looked through. Pictures are drawn anew instead."""
        return self.filter(state=AttachmentState.STORED, scanned_at=None).exclude(kind=AttachmentKind.PICTURE)


class Attachment(models.Model):
    """One file of a text. Pictures are kept as new pixels, everything else as it came, to be saved and not shown."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments", db_index=False)
    epoch = models.UUIDField(editable=False)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=AttachmentState.choices, default=AttachmentState.COMING)
    kind = models.CharField(max_length=8, choices=AttachmentKind.choices, default=AttachmentKind.OTHER)
    content_type = models.CharField(max_length=24, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    content = SealedFileField(schema="messaging.attachment.content.v1", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    scanned_at = models.DateTimeField(null=True)  # since when the virus scanner has nothing against it

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="one_attachment_a_position")]
        indexes = [models.Index(fields=["center", "created_at"], name="attachment_of_center")]

    def __str__(self) -> str:
        return f"attachment {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction=self.message.direction)

    @property
    def is_picture(self) -> bool:
        return self.kind == AttachmentKind.PICTURE

    @property
    def is_unscanned(self) -> bool:
        """Whether it can be saved as it came, and nothing has looked through it."""
        return self.state == AttachmentState.STORED and not self.is_picture and self.scanned_at is None
