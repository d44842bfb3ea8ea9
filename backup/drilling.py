"""The drill: a backup is restored beside the real database, everything about it is proven, and the copy is dropped."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.anchors import anchor_file, anchored_notes
from audit.events import Event
from audit.facts import Fact
from audit.record import record
from backup.asking import Question, ask
from backup.databases import Database
from backup.incrementing import make_increment
from backup.making import make_backup
from backup.new_database import drop_database, new_database
from backup.problems import Refused
from backup.proving import Proof
from backup.reading import Backup, is_older, open_roots, read_backup, refuse_newer_version
from backup.recovering import counts_differ
from backup.restoring import Restored, refuse_unfit_database, restore_tables
from encryption.offline import Holder
from tenancy.ids import uuid7
from tenancy.scope import in_platform

PREFIX = "quietline_drill_"
LOCK = 0x5175_6965_7464_726C  # any number that nobody else locks


@dataclass(frozen=True)
class Report:
    """What a drill found."""

    backup: Backup
    proofs: list[Proof]
    seconds: float

    @property
    def holds(self) -> bool:
        return all(proof.holds for proof in self.proofs)


def drill_kept(data: Path, keys: Path, holder: Holder, *, ask_twilio: bool) -> Report:
    """Drill with a backup that is kept, and the offline key. Raises Refused when it cannot even begin."""
    began = time.monotonic()
    backup = read_backup(data, keys)
    refuse_newer_version(backup)
    roots = open_roots(backup, holder)
    owner, name = Database.of_alias("owner"), f"{PREFIX}{uuid7().hex[-12:]}"
    with _alone(owner), new_database(owner, name, keep=False) as copy:
        refuse_unfit_database(copy, backup)
        proofs = list(_prove(backup, holder, roots, copy, ask_twilio=ask_twilio))
    report = Report(backup, proofs, round(time.monotonic() - began, 2))
    _record(report)
    return report


def drill_fresh(*, ask_twilio: bool) -> Report:
    """Drill with a backup of this moment, sealed to a key pair that lives no longer than the drill."""
    holder = Holder.new()
    with TemporaryDirectory(prefix="quietline-drill-") as folder:
        places = (Path(folder) / "data", Path(folder) / "keys", holder.recipient)
        made = make_backup(*places)
        if made.manifest.end:  # increments are made here: the way of one is proven as well
            made = make_increment(*places)
        return drill_kept(made.data, made.keys, holder, ask_twilio=ask_twilio)


def _prove(backup: Backup, holder: Holder, roots: str, copy: Database, *, ask_twilio: bool) -> Iterator[Proof]:
    began = time.monotonic()
    try:
        restored = restore_tables(backup, holder, copy)
    except Refused as refusal:
        yield Proof("restored", False, str(refusal), round(time.monotonic() - began, 2))
        return
    yield _counted(restored, backup, round(time.monotonic() - began, 2))
    manifest = backup.data.manifest
    question = Question(
        log_keys=sorted({*manifest.log_keys, *backup.keys.manifest.log_keys}),
        tables=restored.tables,
        backup=str(manifest.id),
        roots=roots,
        anchors=_anchors(manifest.checkpoint),
        migrate=is_older(backup),
        is_drill=True,
        ask_twilio=ask_twilio,
    )
    reader = Database.of_alias("default").named(copy.name)
    yield from ask(question, reader=reader, owner=copy)


def _counted(restored: Restored, backup: Backup, seconds: float) -> Proof:
    differing = counts_differ(restored, backup)
    rows, again = sum(restored.tables.values()), restored.erased_again
    followed = f"increments: {len(backup.data.increments)}, " if backup.data.before else ""
    whole = f"{rows} rows in {len(restored.tables)} tables, {followed}{again} erasures done again"
    said = "; ".join(differing[:3]) or whole
    return Proof("row counts", not differing, f"{said}.", seconds)


def _anchors(checkpoint: str | None) -> list[str]:
    """What the copy's log must agree with: its own newest checkpoint, and those kept outside that are not newer."""
    if checkpoint is None:
        return []
    file = anchor_file()
    kept = anchored_notes(file) if file and file.exists() else []
    return [*(note for note in kept if _size(note) < _size(checkpoint)), checkpoint]


def _size(note: str) -> int:
    return int(note.split("\n")[1])


@contextmanager
def _alone(owner: Database) -> Iterator[None]:
    """One drill at a time; so a copy that is there already was left by one that was killed, and is dropped."""
    with owner.connect(autocommit=True) as connection:
        (is_alone,) = connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() or (False,)
        if not is_alone:
            raise Refused("Another drill is running; wait until it has ended.")
        left = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        for (name,) in left.fetchall():
            drop_database(owner, name)
        yield


def _record(report: Report) -> None:
    failed = next((proof.name for proof in report.proofs if not proof.holds), "")
    facts: dict[str, Fact] = {
        "backup": str(report.backup.data.manifest.id),
        "ok": report.holds,
        "failed": failed.replace(" ", "_").lower(),
        "seconds": int(report.seconds),
    }
    with in_platform():
        record(Event.DRILL_RUN, facts=facts)
