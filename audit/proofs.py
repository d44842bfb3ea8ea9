"""Proofs from the stored tree: that an entry is in it, and that it only ever grew.

Whole subtrees of 256 and 65,536 leaves are stored, so a proof reads a few hundred hashes at most.
"""

from collections.abc import Iterable

from django.core.exceptions import ObjectDoesNotExist

from audit.models import Checkpoint, LogEntry, SequencedLeaf, SubtreeRoot
from audit.sequencer import TILE
from audit.signing import handovers, public_keys
from audit.tree import consistency_proof, inclusion_proof, root_of, split

PROOF_FORMAT = "quietline-audit-proof-1"


class StoredTree:
    """Roots of ranges, each hash read from the database once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}

    def root_between(self, first: int, last: int) -> bytes:
        """RFC 9162's root of leaves `first` up to, not including, `last`; raises `LookupError` on a gap."""
        width = last - first
        level = width.bit_length() - 1
        if width > 1 << TILE and width & (width - 1):
            middle = first + split(width)
            return root_of_two(self.root_between(first, middle), self.root_between(middle, last))
        stored = level - level % TILE if width == 1 << level else 0
        return root_of(self._hashes(stored, first >> stored, last >> stored))

    def _hashes(self, level: int, first: int, last: int) -> list[bytes]:
        missing = (level, first) not in self._known or (level, last - 1) not in self._known
        if missing:
            self._read(level, first - first % (1 << TILE), last)
        return [self._known[level, index] for index in range(first, last)]

    def _read(self, level: int, first: int, last: int) -> None:
        """Read up to the end of the tile: the next step of a proof lies in the same one."""
        end = -(-last // (1 << TILE)) << TILE
        found: Iterable[tuple[int, bytes | memoryview]]
        if level:
            rows = SubtreeRoot.objects.filter(level=level, index__gte=first, index__lt=end)
            found = rows.values_list("index", "root")
        else:
            found = SequencedLeaf.objects.filter(seq__gte=first, seq__lt=end).values_list("seq", "leaf")
        self._known.update({(level, index): bytes(root) for index, root in found})


def root_of_two(left: bytes, right: bytes) -> bytes:
    return root_of([left, right])


def proof_of(entry: LogEntry) -> dict[str, object] | None:
    """A file that proves this entry to anybody who holds the key; None until it has its number."""
    try:
        leaf = SequencedLeaf.objects.get(entry=entry.pk)
        checkpoint = Checkpoint.objects.order_by("-size")[0]
    except (ObjectDoesNotExist, IndexError):
        return None
    keys = public_keys()
    path = inclusion_proof(leaf.seq, checkpoint.size, StoredTree().root_between)
    return {
        "format": PROOF_FORMAT,
        "key": str(keys[-1]),
        "keys": [str(key) for key in keys],
        "handovers": handovers(keys),
        "seq": leaf.seq,
        "entry": entry.canonical.decode(),
        "path": [step.hex() for step in path],
        "checkpoint": checkpoint.note,
    }


def growth_between(old: int, new: int) -> list[bytes]:
    """The consistency proof between two checkpoints, for `tree.proves_consistency`."""
    return consistency_proof(old, new, StoredTree().root_between)
