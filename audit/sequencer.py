"""Gives each committed entry its number, grows the tree and signs it. Runs in the beat process.

Entries are numbered after they are committed, in the order in which they were queued; one that
commits late simply gets a later number. Everything of one round is one transaction: killed at any
point, the next round starts where the last one ended.
"""

import time
from uuid import UUID

from django.db import connection
from django.utils import timezone

from audit.models import Checkpoint, LogEntry, PendingLeaf, SequencedLeaf, SubtreeRoot
from audit.notes import Signer, checkpoint_text
from audit.signing import signer_named
from audit.tree import Frontier
from encryption.keystore import signing_key_bytes
from tenancy.scope import in_platform

BATCH = 500
LOCK = 0x5175_6965_746C_696E  # any number that nobody else locks
TILE = 8  # the roots of every 8th level are kept: 256 leaves, 65,536 leaves, ...
POLL_SECONDS = 0.05

Waiting = tuple[int, UUID, bytes | memoryview]  # the place in the queue, the entry, its leaf


def sequence_pending() -> int:
    """Number up to 500 waiting entries and sign the tree; return how many there were."""
    with in_platform():
        _wait_for_turn()
        waiting = list(PendingLeaf.objects.order_by("pk").values_list("pk", "entry", "leaf")[: BATCH + 1])
        batch = waiting[:BATCH]
        if batch:
            last = Checkpoint.objects.newest()
            tree = Frontier(last.size, bytes(last.frontier)) if last else Frontier()
            _append(tree, batch)
            _sign(tree, last, behind=len(waiting) > BATCH)
        return len(batch)


def sequence_all() -> int:
    """Number everything that waits now; return how many there were."""
    total = 0
    while count := sequence_pending():
        total += count
        if count < BATCH:
            break
    return total


def wait_for_checkpoint(entry: LogEntry, seconds: float) -> bool:
    """Wait until a signed tree holds the entry; False if `seconds` went by. Call it after commit."""
    if connection.in_atomic_block:
        raise RuntimeError("Only a committed entry gets a number: wait after the transaction.")
    until = time.monotonic() + seconds
    while not SequencedLeaf.objects.filter(entry=entry.pk).exists():
        if time.monotonic() >= until:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _wait_for_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _append(tree: Frontier, batch: list[Waiting]) -> None:
    """Move what waits into the tree, as arrays: what an entry costs here limits how many there can be."""
    first, roots = tree.size, []
    pks, entries, leaves = (list(column) for column in zip(*batch, strict=True))
    for leaf in leaves:
        for level, index, root in tree.append(bytes(leaf)):
            if level % TILE == 0:
                roots.append(SubtreeRoot(level=level, index=index, root=root))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_sequencedleaf (seq, entry, leaf)"
            " SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::bytea[])",
            [list(range(first, tree.size)), entries, leaves],
        )
        cursor.execute("DELETE FROM audit_pendingleaf WHERE id = ANY(%s)", [pks])
    SubtreeRoot.objects.bulk_create(roots)


def _sign(tree: Frontier, last: Checkpoint | None, *, behind: bool) -> None:
    signer = Signer(signing_key_bytes())
    now = timezone.now()
    previous = last.note if last else None
    text = checkpoint_text(signer.public.origin, tree.size, tree.root(), at=now, behind=behind, previous=previous)
    note = signer.sign(text)
    if last and last.key_id != signer.public.key_id.hex():
        note = signer_named(last.key_id).cosign(note)  # the key before vouches for the one that takes over
    Checkpoint.objects.create(
        size=tree.size,
        root=tree.root(),
        frontier=tree.packed(),
        note=note,
        key_id=signer.public.key_id.hex(),
        created_at=now,
    )
