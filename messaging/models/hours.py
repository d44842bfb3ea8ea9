from django.db import models
from django.utils.translation import gettext_lazy as _

from tenancy.ids import uuid7


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OpeningHours(models.Model):
    """One span of one weekday, in the center's own zone. A day without a row is closed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(closes__gt=models.F("opens")), name="closes_after_it_opens")
        ]

    def __str__(self) -> str:
        return f"opening hours {self.pk}"


class ClosedDay(models.Model):
    """A day on which the center is closed whatever its opening hours say."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="closed_days")
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["center", "day"], name="one_row_a_closed_day")]

    def __str__(self) -> str:
        return f"closed day {self.pk}"
