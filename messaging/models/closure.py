from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.conversation import Conversation


class Outcome(models.TextChoices):
    """How a conversation ended, or why nothing more is owed."""

    ANSWERED = "answered", _("Her question is answered")
    APPOINTMENT = "appointment", _("An appointment is made")
    CALL = "call", _("We spoke on the phone")
    NO_REPLY = "no_reply", _("She did not write again")
    ASKED_TO_STOP = "asked_to_stop", _("She asked us to stop")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    SPAM = "spam", _("Not a client")


class Closure(models.Model):
    """A conversation is closed while this row exists. It keeps what was owed until then, for whoever takes it back."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, primary_key=True, related_name="closure")
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(auto_now_add=True)
    sequence = models.PositiveIntegerField(null=True)  # of the conversation, once it was closed
    waiting_since = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"closure of {self.conversation_id}"
