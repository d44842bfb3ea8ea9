from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models

from messaging.models.conversation import Conversation
from messaging.models.note import Note
from tenancy.ids import uuid7

if TYPE_CHECKING:
    from accounts.models import Membership


class MentionQuerySet(models.QuerySet["Mention"]):
    def unseen_by(self, member: "Membership") -> Self:
        """Those of this person, in whatever conversation: which of them she may see is the caller's to ask."""
        return self.filter(center=member.center_id, staff=member.staff_id, seen_at=None)


class Mention(models.Model):
    """One colleague whom a note mentions, calling her until she has read as far as the note (`reading.read`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="mentions", db_index=False)
    note = models.ForeignKey(Note, models.PROTECT, related_name="mentions", db_index=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveIntegerField()  # of the note
    made_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "staff"], name="one_mention_a_person")]
        indexes = [
            models.Index(
                fields=["center", "staff", "conversation"],
                condition=models.Q(seen_at=None),
                name="mention_unseen",
            )
        ]

    def __str__(self) -> str:
        return f"mention {self.pk}"
