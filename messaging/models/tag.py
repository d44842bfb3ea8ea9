from typing import Self

from django.conf import settings
from django.db import models

from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import uuid7


class TagQuerySet(models.QuerySet["Tag"]):
    def in_use(self) -> Self:
        """Those that can be put on."""
        return self.filter(retired_at=None)


class Tag(models.Model):
    """A word by which a center sorts its clients. Out of use it is put on nobody any more; where it is, it stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="tags")
    label = SealedTextField(schema="messaging.tag.label.v1")
    place = models.PositiveIntegerField(default=0)  # in the order that the center gave them
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ("place", "id")

    def __str__(self) -> str:
        return f"tag {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id)


class ClientTag(models.Model):
    """A tag is on a client while this row exists."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey("messaging.Client", models.PROTECT, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "tag"], name="a_tag_once_a_client")]
        indexes = [models.Index(fields=["tag", "client"], name="who_has_a_tag")]

    def __str__(self) -> str:
        return f"tag on a client {self.pk}"
