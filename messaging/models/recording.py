from django.db import models
from django.utils.translation import gettext_lazy as _

from encryption.fields import SealedFileField
from encryption.scope import SealScope
from messaging.models.call import Call
from tenancy.ids import uuid7


class RecordingState(models.TextChoices):
    COMING = "coming", _("still coming")
    STORED = "stored", _("stored")
    ABSENT = "absent", _("nothing was said")
    REFUSED = "refused", _("damaged or too large")
    LOST = "lost", _("could not be fetched")
    WAITING = "waiting", _("waiting for room")


TO_COME = (RecordingState.COMING, RecordingState.WAITING)  # what comes by itself


class RecordingQuerySet(models.QuerySet["Recording"]):
    def without_content(self) -> "RecordingQuerySet":
        """For pages: the sound is read only by whoever plays it."""
        return self.defer("content").order_by("created_at", "id")


class Recording(models.Model):
    """A message that a caller left. Its sound is sealed, and erased at Twilio once it is here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    call = models.ForeignKey(Call, models.PROTECT, related_name="recordings")
    line = models.ForeignKey("messaging.Line", models.PROTECT, related_name="+", db_index=False)
    epoch = models.UUIDField(editable=False)  # the number epoch whose key seals it
    twilio_sid = models.CharField(max_length=34)
    state = models.CharField(max_length=8, choices=RecordingState.choices, default=RecordingState.COMING)
    seconds = models.PositiveIntegerField(null=True)
    content_type = models.CharField(max_length=16, blank=True)
    content = SealedFileField(schema="messaging.recording.content.v1", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)  # since when Twilio holds it no longer

    objects = RecordingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "twilio_sid"], name="one_recording_a_twilio_sid")]
        indexes = [
            models.Index(fields=["line", "created_at"], condition=models.Q(erased_at=None), name="recording_at_twilio")
        ]

    def __str__(self) -> str:
        return f"recording {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction="in")
