from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.conversation import Conversation
from tenancy.ids import uuid7

if TYPE_CHECKING:
    from messaging.models.recording import Recording


class CallState(models.TextChoices):
    RINGING = "ringing", _("She is calling now")
    TALKING = "talking", _("On the phone with her now")
    MISSED = "missed", _("She called, nobody answered")
    TALKED = "talked", _("She called and we spoke")


class Call(models.Model):
    """One call of a client. Its beginning, its end and Twilio's list all tell of it; one row stands for all.

    The moments below are what was heard of it. Each is set once, in whatever order the posts come, and `state` is
    read from all of them: so any order, repeated or with one missing, ends in the same state.
    """

    kind = "call"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    # None: the number was withheld and no message was left, so there is nobody to call back.
    conversation = models.ForeignKey(Conversation, models.PROTECT, null=True, related_name="calls")
    line = models.ForeignKey("messaging.Line", models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveIntegerField(null=True)
    twilio_sid = models.CharField(max_length=34)
    accepted_at = models.DateTimeField(null=True)  # somebody of the center pressed 1
    bridged_at = models.DateTimeField(null=True)  # Twilio says that the two were connected
    unanswered_at = models.DateTimeField(null=True)  # Twilio says that they were not, or nobody was rung
    ended_at = models.DateTimeField(null=True)
    talk_seconds = models.PositiveIntegerField(null=True)
    said_at = models.DateTimeField(null=True)  # when she called, if that waited in the spool or at Twilio
    created_at = models.DateTimeField(auto_now_add=True)

    shown_recordings: "list[Recording] | None" = None  # once a page has asked for them

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "twilio_sid"], name="one_call_a_twilio_sid"),
            models.UniqueConstraint(fields=["conversation", "sequence"], name="call_sequence"),
        ]
        indexes = [models.Index(fields=["line", "created_at"], name="calls_of_a_line")]

    def __str__(self) -> str:
        return f"call {self.pk}"

    @property
    def state(self) -> CallState:
        """Whether two people talked. What Twilio says of the connection counts more than a key that was pressed."""
        if self.bridged_at:
            return CallState.TALKED
        if self.unanswered_at:
            return CallState.MISSED
        if self.accepted_at:
            return CallState.TALKED if self.ended_at else CallState.TALKING
        return CallState.MISSED if self.ended_at else CallState.RINGING

    @property
    def recordings_shown(self) -> "list[Recording]":
        """Its messages, without their sound; a page has brought them all with one query."""
        if self.shown_recordings is None:
            self.shown_recordings = list(self.recordings.without_content())
        return self.shown_recordings

    @property
    def has_message(self) -> bool:
        return any(recording.state != "absent" for recording in self.recordings_shown)

    @property
    def message_seconds(self) -> int:
        return sum(recording.seconds or 0 for recording in self.recordings_shown)

    @property
    def is_unsettled(self) -> bool:
        """Whether the page has to look again."""
        return self.ended_at is None or any(recording.state == "coming" for recording in self.recordings_shown)

    @property
    def came_late(self) -> bool:
        return self.said_at is not None
