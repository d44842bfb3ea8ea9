from django.conf import settings
from django.db import models

from tenancy.ids import uuid7


class KnownDevice(models.Model):
    """A browser in which this person has signed in with both factors. What strangers try does not count here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_devices")
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    first_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"known device {self.pk}"
