from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from messaging.models.conversation import Conversation
from tenancy.ids import uuid7

if TYPE_CHECKING:
    from accounts.models import Membership


class FollowUpKind(models.TextChoices):
    REPLY = "reply", _("She is waiting for an answer")
    FAILED = "failed", _("A text of ours did not reach her")
    STALE = "stale", _("A text of ours waited for a day: please decide whether to send it still")
    SENDING_STOPPED = "sending_stopped", _("No text leaves: an admin must look at the account")
    UNSURE = "unsure", _("We are not sure a text of ours was sent")
    MISSED_CALL = "missed_call", _("She called and nobody answered")
    ASKED_TO_STOP = "asked_to_stop", _("She may be asking us to stop: please decide")
    LATER_HELD = "later_held", _("A text that was to leave later was held back: please decide")
    PROMISE = "promise", _("Something we said we would do")
    SNOOZED = "snoozed", _("It was put aside until then: please look again")
    WORK_FAILED = "work_failed", _("Something the computer should have done did not work")


ABOUT_A_TEXT = (FollowUpKind.FAILED, FollowUpKind.UNSURE, FollowUpKind.STALE)


class FollowUpOutcome(models.TextChoices):
    DONE = "done", _("Done")
    ANSWERED = "answered", _("Answered")
    REACHED = "reached", _("We spoke with her")
    NOT_NEEDED = "not_needed", _("Not needed any more")
    CLOSED = "closed", _("The conversation was closed")


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> Self:
        return self.filter(settled_at=None)

    def due_for(self, member: "Membership") -> list[Self]:
        """What she is to see to by now, in parts that are an index range each: hers, and what is nobody's."""
        due = self.filter(center=member.center_id, settled_at=None, due_at__lte=timezone.now())
        if member.sees_all:
            return [due]
        return [due.filter(owner=member.staff_id), due.filter(owner=None)]

    def visible_to(self, member: "Membership") -> Self:
        """Supervisors see all that is owed; others what they owe, and what nobody has taken."""
        here = self.filter(center=member.center_id)
        if not member.may(Permission.CONVERSATIONS):
            return here.none()
        if member.sees_all:
            return here
        reachable = Q(conversation__assignee=member.staff_id) | Q(conversation__assignee=None)
        return here.filter(reachable)


class FollowUp(models.Model):
    """An owed answer: it has a due time, an owner or the pool, and ends only with an outcome."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=16, choices=FollowUpKind.choices)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="follow_ups")
    message = models.ForeignKey("messaging.Message", models.PROTECT, null=True, related_name="follow_ups")
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=12, choices=FollowUpOutcome.choices, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(settled_at=None, kind=FollowUpKind.REPLY),
                name="one_open_reply_a_conversation",
            ),
            models.UniqueConstraint(
                fields=["message", "kind"],
                condition=Q(message__isnull=False, settled_at=None),
                name="one_open_follow_up_a_message_and_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["center", "due_at", "id"], condition=Q(settled_at=None), name="follow_up_due"),
            models.Index(
                fields=["center", "owner", "due_at"],
                condition=Q(settled_at=None, owner__isnull=False),
                name="follow_up_due_held",
            ),
            models.Index(
                fields=["center", "due_at"], condition=Q(settled_at=None, owner=None), name="follow_up_due_free"
            ),
            models.Index(fields=["conversation"], condition=Q(settled_at=None), name="follow_up_open"),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.pk}"
