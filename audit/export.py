"""The log as a file that an outsider can verify with `audit/verifier/verify.py`; see `docs/audit.md`.

The same lines feed `verify_audit`, so there is one set of rules for both.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from audit.events import Event
from audit.models import Checkpoint, LogEntry, SequencedLeaf
from audit.notes import timestamp_text
from audit.record import record
from audit.sealing import LogStopped
from audit.sequencer import sequence_all, wait_for_checkpoint
from audit.signing import public_keys
from tenancy.scope import in_platform

FORMAT = "quietline-audit-1"
CHUNK = 2000
LONGEST_WAIT = 10.0  # seconds for a checkpoint over the export's own entry


def export_lines(center: UUID | None = None) -> Iterator[bytes]:
    """Every line of an export up to the newest checkpoint; nothing is held in memory.

    center   give only this center's entries; of the others the leaf alone, so the tree still adds up
    """
    keys = [str(key) for key in public_keys()]
    with in_platform():
        last = Checkpoint.objects.newest()
    size = last.size if last else 0
    yield line_of(
        format=FORMAT,
        at=timestamp_text(timezone.now()),
        center=str(center) if center else None,
        key=keys[-1],
        keys=keys,
        size=size,
    )
    for first in range(0, size, CHUNK):
        yield from _chunk(first, min(first + CHUNK, size), center)


def write_export(file: Path, center: UUID | None = None) -> None:
    """Write an export that holds the entry of its own making. Raises `LogStopped`: then nothing was written."""
    with in_platform():
        entry = record(Event.LOG_EXPORTED, center=center, facts={"what": "log"})
    sequence_all()
    if not wait_for_checkpoint(entry, LONGEST_WAIT):
        raise LogStopped
    with file.open("wb") as lines:
        lines.writelines(export_lines(center))


def _chunk(first: int, last: int, center: UUID | None) -> list[bytes]:
    with in_platform():
        leaves = list(SequencedLeaf.objects.filter(seq__gte=first, seq__lt=last).order_by("seq"))
        entries = LogEntry.objects.in_bulk([leaf.entry for leaf in leaves])
        notes = dict(Checkpoint.objects.filter(size__gt=first, size__lte=last).values_list("size", "note"))
    lines = []
    for leaf in leaves:
        entry = entries.get(leaf.entry)
        withheld = center is not None and entry is not None and entry.center_id != center
        lines.append(entry_line(leaf, None if withheld else entry))
        if note := notes.pop(leaf.seq + 1, None):
            lines.append(line_of(checkpoint=note))
    return lines + [line_of(checkpoint=note) for note in notes.values()]


def entry_line(leaf: SequencedLeaf, entry: LogEntry | None) -> bytes:
    content = entry.canonical if entry else b"null"
    return b'{"seq":%d,"leaf":"%s","entry":%s}\n' % (leaf.seq, bytes(leaf.leaf).hex().encode(), content)


def line_of(**content: object) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
