from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.guard import GuardedQuerySet
from tenancy.ids import uuid7


class Role(models.TextChoices):
    SPECIALIST = "specialist", _("Options specialist")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMIN = "admin", _("Admin")


class MembershipQuerySet(GuardedQuerySet["Membership"]):
    def current(self) -> Self:
        return self.filter(ended_at=None, staff__is_active=True)


class Membership(models.Model):
    """What one person may do in one center. A person can work in several."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="memberships")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["center", "staff"], condition=models.Q(ended_at=None), name="one_membership_a_center"
            )
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_supervisor(self) -> bool:
        """Whether this person sees every conversation of the center. Admins do too, for now."""
        return self.role in (Role.SUPERVISOR, Role.ADMIN)
