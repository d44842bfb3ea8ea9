from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenancy.ids import uuid7


class Sound(models.TextChoices):
    """What a browser plays when something is new; `static/js/sounds.js` knows how each is made."""

    NONE = "", _("No sound")
    SOFT = "soft", _("Soft")
    TWO = "two", _("Two notes")
    KNOCK = "knock", _("Knock")


class KnownDevice(models.Model):
    """A browser in which this person has signed in with both factors. What strangers try does not count here.

    It knows too how she wants to be called at it: opting in at one desk calls her at no other.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_devices")
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    first_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField()
    notifies = models.BooleanField(default=False, db_default=False)
    sound = models.CharField(max_length=8, choices=Sound.choices, default=Sound.NONE, db_default="", blank=True)

    def __str__(self) -> str:
        return f"known device {self.pk}"
