from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.roster import Roster
from accounts.roles import ALLOWED, PASSKEY_ROLES, Permission, Role, who_may
from accounts.timetable import ALWAYS, Standing
from audit.guard import GuardedQuerySet
from tenancy.ids import uuid7


class MembershipQuerySet(GuardedQuerySet["Membership"]):
    def on_staff(self) -> Self:
        """Those whose work has not ended, whoever is suspended too."""
        return self.filter(ended_at=None, staff__is_active=True)

    def current(self) -> Self:
        """Those who may come in."""
        return self.on_staff().filter(suspended_at=None)

    def who_may(self, permission: Permission) -> Self:
        """Those whose role has a permission."""
        return self.filter(role__in=who_may(permission))

    def held(self, permission: Permission) -> Self:
        """Those who may come in and have a permission, locked until the transaction ends: it stays with them.

        Memberships are locked before anything else, so that nobody waits for each other.
        """
        return self.current().who_may(permission).select_for_update(of=("self",), no_key=True)


class Membership(models.Model):
    """What one person may do in one center. A person can work in several."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="memberships")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

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
    def permissions(self) -> frozenset[Permission]:
        """What this person's role allows. A role that the table does not know allows nothing."""
        return ALLOWED.get(self.role, frozenset())

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def sees_clients(self) -> bool:
        """Whether this person may know who a client is."""
        return self.may(Permission.CONVERSATIONS)

    @property
    def sees_all(self) -> bool:
        """Whether this person sees the conversations of colleagues too."""
        return self.may(Permission.ALL_CONVERSATIONS)

    @property
    def passkey_from(self) -> datetime | None:
        """From when on this person comes in with a passkey alone, if her role ever does."""
        return self.center.passkeys_from if self.role in PASSKEY_ROLES else None

    def must_use_passkey(self, at: datetime) -> bool:
        """Whether a password with a code is not enough for this person at a moment."""
        return self.passkey_from is not None and self.passkey_from <= at

    @property
    def bound_by(self) -> Roster | None:
        """The roster that says when this person may come in, if one does."""
        return getattr(self, "roster", None)

    @property
    def is_in_hours(self) -> bool:
        """Whether this person may be in just now."""
        return self.standing(timezone.now()).is_on

    def standing(self, at: datetime) -> Standing:
        """Whether this person may be in at a moment, and until when that holds."""
        roster = self.bound_by
        if roster is None:
            return ALWAYS
        roster.center = self.center  # known already: nothing is asked for its zone
        return roster.timetable.standing(at)
