from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.client import PhoneNumber
from tenancy.ids import uuid7


class OptOutSource(models.TextChoices):
    WORD = "word", _("she texted a word such as STOP")
    CARRIER = "carrier", _("the carrier told us")
    STAFF = "staff", _("staff confirmed her wish")


class OptOut(models.Model):
    """Nothing is sent to a number while this row is not lifted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="opt_outs")
    source = models.CharField(max_length=8, choices=OptOutSource.choices)
    since = models.DateTimeField(auto_now_add=True)
    heard_again_at = models.DateTimeField(null=True)  # her latest stop while it stood: an older START does not lift it
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(lifted_at=None), name="one_open_opt_out_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"opt-out {self.pk}"
