from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.limits import Door


class Attempts(models.Model):
    """The tries of late at one door: against one account, from one place or on one device. See `accounts.limits`.

    The key is a keyed hash of what is counted against, so neither addresses nor places are kept.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    door = models.CharField(max_length=16, choices=Door.choices)
    times = ArrayField(models.DateTimeField(), default=list)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="attempts_last")]

    def __str__(self) -> str:
        return f"attempts {self.pk}"
