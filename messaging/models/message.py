from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from encryption.errors import SealError
from encryption.fields import SealedTextField
from encryption.scope import SealScope
from messaging.models.conversation import Conversation
from messaging.models.failure import Again, Reason, reason_for
from tenancy.ids import uuid7

if TYPE_CHECKING:
    from messaging.models.attachment import Attachment


STALE = timedelta(hours=24)  # queued for so long, a text is sent only after a person has said so
A_PERSON_AFTER = timedelta(minutes=10)  # for so long the computer tries to find out what became of a text


class Direction(models.TextChoices):
    IN = "in", _("from her")
    OUT = "out", _("from us")


class Status(models.TextChoices):
    """Where a message stands. `rank` says which status may follow which: it never goes backwards."""

    RECEIVED = "received", _("received")
    QUEUED = "queued", _("waiting to be sent")
    SENDING = "sending", _("being sent")
    UNKNOWN = "unknown", _("not sure it was sent")
    ACCEPTED = "accepted", _("handed over")
    SENT = "sent", _("sent")
    UNDELIVERED = "undelivered", _("not delivered")
    FAILED = "failed", _("failed")
    DELIVERED = "delivered", _("delivered")
    READ = "read", _("read")
    UNDONE = "undone", _("taken back before it was sent")
    WITHHELD = "withheld", _("held back: no longer right")

    @property
    def rank(self) -> int:
        return RANKS[self]


RANKS = {
    Status.RECEIVED: 0,
    Status.QUEUED: 0,
    Status.SENDING: 1,
    Status.UNKNOWN: 2,
    Status.ACCEPTED: 3,
    Status.SENT: 4,
    Status.UNDELIVERED: 5,
    Status.FAILED: 6,  # no two alike from here on: any order of reports ends in the same state
    Status.DELIVERED: 7,
    Status.READ: 8,
    Status.UNDONE: 9,
    Status.WITHHELD: 10,
}
FAILURES = (Status.UNDELIVERED, Status.FAILED)
NEVER_LEFT = (Status.UNDONE, Status.WITHHELD)


class Purpose(models.TextChoices):
    """Who speaks: a person, or the center by itself."""

    PERSON = "person", _("written by a person")
    AUTO_REPLY = "auto_reply", _("automatic answer to a first text")
    MISSED_CALL = "missed_call", _("automatic text after a missed call")


class Message(models.Model):
    """One text, in either direction. Sending follows security.md OUT-01 to OUT-04."""

    kind = "message"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="messages", db_index=False)
    epoch = models.UUIDField(editable=False)  # the number epoch whose key seals it
    line = models.ForeignKey("messaging.Line", models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveIntegerField()
    direction = models.CharField(max_length=3, choices=Direction.choices)
    body = SealedTextField(schema="messaging.message.body.v1")
    media_count = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=12, choices=Status.choices)
    error_code = models.PositiveIntegerField(null=True)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.PERSON)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    # Twilio's id, or null while there is none. Together with the line it makes every webhook repeatable.
    twilio_sid = models.CharField(max_length=34, null=True)
    # The page's own key of a reply: a double click or a repeated post writes it once.
    client_key = models.UUIDField(null=True)
    send_after = models.DateTimeField(null=True)
    sending_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # When she wrote it, if the text waited in the spool or had to be fetched from Twilio. Null: it came at once.
    said_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)  # since when Twilio holds it no longer
    # The text that failed, and that a person sent once more as this one.
    again_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_index=False)

    known_to_be_sent_again: bool | None = None  # once a page has asked
    shown_files: "list[Attachment] | None" = None  # once a page has asked for them

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "twilio_sid"], name="one_message_a_twilio_sid"),
            models.UniqueConstraint(fields=["conversation", "sequence"], name="message_sequence"),
            models.UniqueConstraint(fields=["conversation", "client_key"], name="one_message_a_client_key"),
            models.UniqueConstraint(fields=["again_of"], name="sent_again_once"),
        ]
        indexes = [
            models.Index(
                fields=["line", "created_at"],
                condition=models.Q(erased_at=None, twilio_sid__isnull=False),
                name="message_still_at_twilio",
            ),
            models.Index(
                fields=["center", "created_at"], condition=models.Q(said_at__isnull=False), name="message_recovered"
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch, direction=self.direction)

    @property
    def is_stale(self) -> bool:
        """Whether it waits to be sent for so long that a person decides first."""
        return self.status == Status.QUEUED and timezone.now() - (self.send_after or self.created_at) > STALE

    @property
    def is_for_a_person(self) -> bool:
        """Whether nothing has settled for long enough what became of it: a person decides."""
        asked_since = self.sending_since or self.created_at
        return self.status == Status.UNKNOWN and timezone.now() - asked_since > A_PERSON_AFTER

    @property
    def is_automatic(self) -> bool:
        return self.purpose != Purpose.PERSON

    @property
    def was_decided_on(self) -> bool:
        """Whether somebody looked at it again after it was written, and had it sent."""
        put_off = (self.send_after or self.created_at) - self.created_at
        return self.sending_since is not None or put_off > STALE

    @property
    def came_late(self) -> bool:
        """Whether she wrote it while it could not be taken in."""
        return self.said_at is not None

    @property
    def has_lost_words(self) -> bool:
        """Whether Twilio no longer had her words when it was fetched."""
        return self.came_late and not self.media_count and not self.has_words

    @property
    def has_words(self) -> bool:
        """Whether it says anything, or is a picture alone."""
        try:
            return bool(self.body)
        except SealError:
            return True  # sealed words are words; the page says by itself that it cannot show them

    @property
    def files(self) -> "list[Attachment]":
        """Its files in their order, without their content; a page has brought them all with one query."""
        if self.shown_files is None:
            self.shown_files = list(self.attachments.without_content())
        return self.shown_files

    @property
    def has_missing_files(self) -> bool:
        """Whether somebody could ask for a file again."""
        return len(self.files) < self.media_count or any(file.state in ("lost", "held") for file in self.files)

    @property
    def has_coming_files(self) -> bool:
        """Whether the page has to look again."""
        return self.media_count > 0 and any(file.state == "coming" for file in self.files)

    @property
    def is_inbound(self) -> bool:
        return self.direction == Direction.IN

    @property
    def failure(self) -> Reason | None:
        """Why it did not reach her and what to do; None when nothing failed."""
        if self.status not in FAILURES:
            return None
        return reason_for(self.error_code, was_handed_over=self.sending_since is not None)

    @property
    def was_sent_again(self) -> bool:
        if self.known_to_be_sent_again is None:
            self.known_to_be_sent_again = Message.objects.filter(again_of=self.pk).exists()
        return self.known_to_be_sent_again

    @property
    def again(self) -> Again:
        """Whether a person may send it once more: what failed for sure, once, and where it can help."""
        if self.failure is None or self.is_automatic or self.is_inbound or self.was_sent_again:
            return Again.NEVER
        return self.failure.again

    @property
    def can_go_again(self) -> bool:
        return self.again is Again.AS_IT_IS

    @property
    def can_go_changed(self) -> bool:
        return self.again is Again.CHANGED

    @property
    def can_undo(self) -> bool:
        """While it waits, and no earlier try may have reached her."""
        return self.status == Status.QUEUED and self.sending_since is None


class StatusReport(models.Model):
    """One status callback, kept whole: they come late, doubled and out of order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="reports")
    status = models.CharField(max_length=20)
    error_code = models.PositiveIntegerField(null=True)
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"status report {self.pk}"
