from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from messaging.models.contact import CallRule, ContactWay
from tenancy.ids import uuid7


class Client(models.Model):
    """Who writes or calls. She may give a first name; nothing else is asked of her."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="clients")
    epoch = models.UUIDField(editable=False)  # of the number she first wrote from; her name is sealed under its key
    name = SealedTextField(_("First name"), schema="messaging.client.name.v1", null=True)
    language = models.CharField(_("Language"), max_length=8, choices=settings.LANGUAGES, default="en")
    prefers = models.CharField(_("Would rather be reached"), max_length=8, choices=ContactWay.choices, blank=True)
    calls = models.CharField(_("Calls"), max_length=16, choices=CallRule.choices, blank=True)
    safe_times = SealedTextField(_("Safe times"), schema="messaging.client.safe_times.v1", null=True)
    note = SealedTextField(_("About her"), schema="messaging.client.note.v1", null=True)
    tags = models.ManyToManyField("messaging.Tag", through="messaging.ClientTag", related_name="+")
    version = models.PositiveIntegerField(default=0)  # how often any of this was changed
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"client {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, epoch=self.epoch)

    @property
    def first_name(self) -> str:
        """The first word of what staff wrote down, or "": no list and no heading says more."""
        return next(iter((self.name or "").split()), "")


class LineType(models.TextChoices):
    """What the carriers say a number is, as far as it matters for texting it."""

    UNKNOWN = "", _("not asked yet")
    MOBILE = "mobile", _("a mobile phone")
    OTHER = "other", _("a landline, or not known to be a mobile phone")


class PhoneNumber(models.Model):
    """A way to reach somebody. Not an identity: numbers change hands and are shared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+")
    address = SealedTextField(schema="messaging.phone_number.address.v1")
    index = models.BinaryField(max_length=16, editable=False)
    # Whether it can be texted back: not a short code, a name or a withheld number.
    is_textable = models.BooleanField(default=True)
    line_type = models.CharField(max_length=8, choices=LineType.choices, default=LineType.UNKNOWN, blank=True)
    # Since when it is known that several people use this phone, and who said so.
    shared_since = models.DateTimeField(null=True)
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["center", "index"], name="one_row_a_phone_number")]

    def __str__(self) -> str:
        return f"phone number {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id)

    @property
    def tail(self) -> str:
        """The last two digits: enough to tell two unnamed clients apart. Of a withheld number there are none."""
        tail = self.address[-2:]
        return tail if tail.isdigit() else ""


class EpochEnd(models.TextChoices):
    SILENCE = "silence", _("long silence")
    WRONG_NUMBER = "wrong_number", _("it was the wrong number")
    NEW_OWNER = "new_owner", _("the number has a new owner")
    CARRIER = "carrier", _("texts find no phone any more")
    SHARED = "shared", _("several people use this phone")

    @property
    def may_be_a_mistake(self) -> bool:
        """Whether it rests on what somebody said or meant, and can be taken back."""
        return self in (EpochEnd.WRONG_NUMBER, EpochEnd.NEW_OWNER)


class NumberEpoch(models.Model):
    """The time during which one number reaches one client. Its data key seals what was said then.

    Whether it has ended stands in `Conversation.ended_at` as well, and is asked there: that row is locked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+")
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="epochs")
    client = models.ForeignKey(Client, models.PROTECT, related_name="epochs")
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=16, choices=EpochEnd.choices, blank=True)
    # Null: it ended by itself, by her own words, by silence or by what the carrier says.
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(ended_at=None), name="one_open_epoch_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"epoch {self.pk}"
