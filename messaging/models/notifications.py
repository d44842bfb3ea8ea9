from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MailAfter(models.IntegerChoices):
    """For how many minutes a client waits before somebody is asked by mail to look."""

    FIVE = 5, _("5 minutes")
    FIFTEEN = 15, _("15 minutes")
    THIRTY = 30, _("30 minutes")
    HOUR = 60, _("an hour")


class NotificationSettings(models.Model):
    """How one person wants to be called in one center, at whatever desk. Without a row: by nothing that reaches out.

    What a single browser shows and plays is in `accounts.KnownDevice`.
    """

    membership = models.OneToOneField(
        "accounts.Membership", models.CASCADE, primary_key=True, related_name="notifications"
    )
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    mail_after = models.PositiveSmallIntegerField(choices=MailAfter.choices, null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "notification settings"
        indexes = [
            models.Index(fields=["center"], condition=Q(mail_after__isnull=False), name="called_on_by_mail"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_from_and_until_or_neither",
            )
        ]

    def __str__(self) -> str:
        return f"notification settings {self.membership_id}"
