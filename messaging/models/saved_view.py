from typing import TYPE_CHECKING, Self

from django.db import models

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import uuid7

if TYPE_CHECKING:
    from accounts.models import Membership


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of(self, member: "Membership") -> Self:
        """Those of one person, in the order in which they were saved."""
        return self.filter(membership=member, removed_at=None).order_by("created_at", "pk")


class SavedView(models.Model):
    """A view of the list with what narrows it, under a name that one person gave it. Nobody else sees it.

    `address` holds ids and codes alone. A removed one is kept for as long as that can be undone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey("accounts.Membership", models.CASCADE, related_name="saved_views")
    name = SealedTextField(schema="messaging.saved_view.name.v1")
    address = models.CharField(max_length=250)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    objects = SavedViewQuerySet.as_manager()

    def __str__(self) -> str:
        return f"saved view {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id)
