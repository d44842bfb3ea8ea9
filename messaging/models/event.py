from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.conversation import Conversation
from tenancy.ids import uuid7


class EventKind(models.TextChoices):
    TAKEN = "taken", _("took this conversation")
    RELEASED = "released", _("gave this conversation back")
    AWAY = "away", _("is not here now: this conversation went back to everybody")
    ASSIGNED = "assigned", _("gave this conversation to")
    CLOSED = "closed", _("closed this conversation")
    REOPENED = "reopened", _("opened this conversation again")
    OPTED_OUT = "opted_out", _("She asked to stop texts")
    OPTED_IN = "opted_in", _("She asked for texts again")
    NAMED = "named", _("wrote down the name she gave")
    CARD = "card", _("changed what we know about her")
    TAGGED = "tagged", _("changed her tags")
    RECOGNIZED = "recognized", _("said who writes here: somebody we know")
    JOINED = "joined", _("said that another conversation is with her too")
    NOBODY_KNOWN = "nobody_known", _("said that this is nobody whom we know")
    TAKEN_APART = "taken_apart", _("took back who writes here")
    PARTED = "parted", _("took another conversation apart from hers")
    LATER_KEPT = "later_kept", _("wrote a text that leaves later")
    LATER_BACK = "later_back", _("took back a text that was to leave later")
    LATER_LEFT = "later_left", _("A text that was kept for later is being sent")
    LATER_HELD = "later_held", _("A text that was kept for later was held back")
    SNOOZED = "snoozed", _("put this conversation aside for a while")
    WOKEN = "woken", _("took this conversation up again")
    CAME_BACK = "came_back", _("It was time: this conversation is back in the list")
    SILENT = "silent", _("Nothing was heard from her for 90 days: her number counts as given up")
    SAID_WRONG = "said_wrong", _("Whoever has this number says that it is the wrong one")
    NO_PHONE = "no_phone", _("Three texts in a row found no phone: her number counts as given up")
    MARKED_WRONG = "marked_wrong", _("marked this as a wrong number")
    NEW_OWNER = "new_owner", _("marked that her number has a new owner")
    REVIVED = "revived", _("said that this number reaches her after all")
    BEGUN_AGAIN = "begun_again", _("began to write to her again")
    SHARED = "shared", _("said that several people use this phone: this exchange has ended")
    EXCHANGE_END = "exchange_end", _("Several people use this phone: this exchange has ended")
    NOT_SHARED = "not_shared", _("said that one person alone uses this phone after all")
    TEXT_MOVED = "text_moved", _("A message that stood here is from somebody else")
    CALL_MOVED = "call_moved", _("A call that stood here is from somebody else")
    SPLIT_OFF = "split_off", _("said that this is from somebody else than what came before")


class ThreadEvent(models.Model):
    """Something that happened to a conversation, as a quiet line in its thread. Ids and codes only."""

    kind = "event"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="events", db_index=False)
    sequence = models.PositiveIntegerField()
    what = models.CharField(max_length=12, choices=EventKind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    outcome = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "sequence"], name="event_sequence")]

    def __str__(self) -> str:
        return f"event {self.pk}"
