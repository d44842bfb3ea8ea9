"""The log: entries, their places in the tree, and the signed checkpoints over it.

An entry is written with the act, in its transaction, and without a number, so writers never queue.
A trigger puts its leaf among the `PendingLeaf`s; one sequencer numbers those afterwards.
`LogEntry`, `SequencedLeaf`, `SubtreeRoot` and `Checkpoint` can only be added to.
"""

from typing import Self
from uuid import UUID

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.db import models
from django.utils import timezone

from audit.leaf import LeafField, canonical
from encryption.fields import SealedJSONField
from encryption.scope import SealScope
from tenancy.ids import INSTALLATION, uuid7


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    def of_center(self, center: UUID | None) -> Self:
        """The entries of one center, or with None those of the installation itself."""
        return self.filter(center_id=center)


class LogEntry(AbstractLogEntry):  # type: ignore[misc]  # auditlog has no types
    """One act, read or refusal. Ids, counts and codes only: no words, names or numbers of people."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No foreign key is checked on writing: writers would wait for each other at the rows they share.
    content_type = models.ForeignKey(
        "contenttypes.ContentType",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    object_pk = models.CharField(max_length=255, blank=True)
    object_id = models.BigIntegerField(null=True)
    action = models.PositiveSmallIntegerField(choices=AbstractLogEntry.Action.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    actor_kind = models.CharField(max_length=8)
    cid = models.CharField(max_length=64, null=True)
    timestamp = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=40)  # of `Event`; as choices, each new one would be a migration
    center_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True)
    client_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
    leaf = LeafField()

    objects = LogEntryManager.from_queryset(LogEntryQuerySet)()

    class Meta:
        get_latest_by = "timestamp"
        ordering = ["-timestamp", "-id"]
        indexes = [
            models.Index(fields=["center_id", "timestamp", "id"], name="audit_by_time"),
            models.Index(fields=["center_id", "actor", "timestamp"], name="audit_by_actor"),
            models.Index(fields=["center_id", "event", "timestamp"], name="audit_by_event"),
            models.Index(
                fields=["center_id", "conversation_id", "timestamp"],
                name="audit_by_conversation",
                condition=models.Q(conversation_id__isnull=False),
            ),
            models.Index(
                fields=["center_id", "client_id", "timestamp"],
                name="audit_by_client",
                condition=models.Q(client_id__isnull=False),
            ),
            models.Index(fields=["object_pk"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"log entry {self.pk}"

    @property
    def canonical(self) -> bytes:
        return canonical(self)


class PendingLeaf(models.Model):
    """A committed entry that has no number yet. Filled by a trigger, emptied by the sequencer."""

    id = models.BigAutoField(primary_key=True)
    entry = models.UUIDField()
    leaf = models.BinaryField(max_length=32)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"pending leaf {self.pk}"


class SequencedLeaf(models.Model):
    """The place of one entry in the tree: 0, 1, 2 and so on, without a gap."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.UUIDField(unique=True)
    leaf = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"leaf {self.seq}"


class SubtreeRoot(models.Model):
    """The root of 256 leaves, or of 256 such roots, and so on: a proof never reads the whole tree."""

    id = models.BigAutoField(primary_key=True)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    root = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_root_a_subtree")]

    def __str__(self) -> str:
        return f"subtree {self.level}/{self.index}"


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    def newest(self) -> "Checkpoint | None":
        """The one over the most entries; None before the first."""
        return self.order_by("-size").first()


class Checkpoint(models.Model):
    """The tree as it stood at one size, signed. `note` is the whole statement; the rest helps to go on."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    frontier = models.BinaryField()
    note = models.TextField()
    key_id = models.CharField(max_length=8)
    created_at = models.DateTimeField()

    objects = CheckpointQuerySet.as_manager()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class Disclosure(models.Model):
    """A personal value that an entry only commits to. Erasing its key leaves the tree whole.

    The salt is sealed with the value: a phone number with a known salt could be guessed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center_id = models.UUIDField(null=True)
    epoch = models.UUIDField(null=True)
    entry = models.ForeignKey(LogEntry, models.DO_NOTHING, related_name="disclosures", db_constraint=False)
    fact = models.CharField(max_length=40)
    opening = SealedJSONField(schema="audit.disclosure.opening.v1")

    def __str__(self) -> str:
        return f"disclosure {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id or INSTALLATION, epoch=self.epoch)


class Reading(models.Model):
    """When somebody last read something, so that the same read is not written again for five minutes."""

    id = models.BigAutoField(primary_key=True)
    center_id = models.UUIDField(null=True)
    reader = models.UUIDField()
    what = models.BinaryField(max_length=32)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "what"], name="one_reading_a_reader")]

    def __str__(self) -> str:
        return f"reading {self.pk}"
