"""Whether the log is as it was written: the outsider's rules, and those that need the database."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from audit.anchors import anchor_file, anchored_notes
from audit.export import export_lines
from audit.verifier import verify
from tenancy.postgresql.waiting import unhurried
from tenancy.scope import in_platform

LONGEST_WAIT = 60  # seconds that an entry may wait for its number


@dataclass(frozen=True)
class Outcome:
    """What was found; `seq` and `entry` name the first that is not as it was."""

    ok: bool
    size: int = 0
    checkpoints: int = 0
    root: str = ""
    key: str = ""
    seq: int | None = None
    entry: str | None = None
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        if self.ok:
            return f"The log holds: {self.size} entries under {self.checkpoints} checkpoints. Key: {self.key}"
        place = "an entry without a number" if self.seq is None else f"sequence number {self.seq}"
        return f"TAMPERED at {place}, entry {self.entry or 'unknown'}: {self.why}"


def check_log(longest_wait: int = LONGEST_WAIT) -> Outcome:
    """Check everything; the first thing found is the one that is named."""
    file = anchor_file()
    anchors = anchored_notes(file) if file and file.exists() else []
    try:
        done = verify.verify(export_lines(), anchors=anchors)
        _check_beside_the_tree(longest_wait)
    except verify.Bad as bad:
        return Outcome(ok=False, seq=bad.seq, entry=bad.entry, why=bad.why)
    return Outcome(
        ok=True,
        size=done.count,
        checkpoints=done.checkpoints,
        root=verify.fold(done.frontier).hex(),
        key=done.key,
    )


class _Unnumbered(verify.Bad):
    def __init__(self, entry: str) -> None:
        super().__init__(0, "It was written past the trigger, or the sequencer stands still.", entry)
        self.seq = None  # type: ignore[assignment]


def _check_beside_the_tree(longest_wait: int) -> None:
    with in_platform():
        if row := _first(LEAF_DIFFERS):
            raise verify.Bad(row[0], "The row's own leaf was changed.", str(row[1]))
        if row := _first(PAST_THE_LAST_CHECKPOINT):
            raise verify.Bad(row[0], "No checkpoint covers it.", str(row[1]))
        if row := _first(UNNUMBERED, timezone.now() - timedelta(seconds=longest_wait)):
            raise _Unnumbered(str(row[0]))


LEAF_DIFFERS = """
    SELECT s.seq, s.entry FROM audit_sequencedleaf s JOIN audit_logentry e ON e.id = s.entry
    WHERE e.leaf <> s.leaf ORDER BY s.seq LIMIT 1"""
PAST_THE_LAST_CHECKPOINT = """
    SELECT seq, entry FROM audit_sequencedleaf
    WHERE seq >= (SELECT coalesce(max(size), 0) FROM audit_checkpoint) ORDER BY seq LIMIT 1"""
UNNUMBERED = """
    SELECT e.id FROM audit_logentry e
    WHERE e.timestamp < %s AND NOT EXISTS (SELECT FROM audit_sequencedleaf s WHERE s.entry = e.id)
    ORDER BY e.timestamp LIMIT 1"""


def _first(query: str, *values: datetime) -> tuple[Any, ...] | None:
    """These walk the whole log, so they may take longer than a page may."""
    with unhurried(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(query, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
