"""Restores for good: into the database that the installation then works on."""

import os
from dataclasses import dataclass
from pathlib import Path

from backup.asking import Question, ask
from backup.databases import Database
from backup.files import FOLDERS, folder_of, unpack
from backup.problems import Refused
from backup.proving import Proof
from backup.reading import Backup, destroyed_since, is_older, open_roots, refuse_newer_version
from backup.restoring import Restored, nothing_left_of_a_failure, refuse_unfit_database, restore_tables
from encryption.offline import Holder
from encryption.roots import RootKeyProblem, parse_root_keys, root_keys


@dataclass(frozen=True)
class Recovered:
    restored: Restored
    proofs: list[Proof]
    files: int


def look_first(backup: Backup, holder: Holder, into: Database, roots_to: Path | None) -> str:
    """Everything that can be found out before anything is touched. Returns the root keys. Raises Refused."""
    refuse_newer_version(backup)
    roots = open_roots(backup, holder)
    destroyed_since(backup)  # whatever lies beside it must be able to say what was erased
    _refuse_unusable_roots(roots, roots_to)
    _refuse_files_without_folder(backup, holder)
    refuse_unfit_database(into, backup)
    return roots


def recover(backup: Backup, holder: Holder, into: Database, roots_to: Path | None) -> Recovered:
    """Restore, prove what was restored, and only then keep it. Raises Refused; nothing is left of a failure."""
    roots = look_first(backup, holder, into, roots_to)
    with nothing_left_of_a_failure(into):
        restored = restore_tables(backup, holder, into)
        _refuse_other_counts(restored, backup)
        proofs = ask(_question(backup, roots), reader=into, owner=into)
        for proof in proofs:
            if not proof.holds:
                raise Refused(f"This backup does not hold, and was not kept. {proof.name}: {proof.said}")
        files = sum(unpack(backup.data.pieces(part, holder), folder_of(part)) for part in FOLDERS)
        if roots_to:
            _write_roots(roots_to, roots)
    return Recovered(restored, proofs, files)


def counts_differ(restored: Restored, backup: Backup) -> list[str]:
    """Where the copy and the manifest disagree."""
    tables = sorted(restored.tables.keys() | backup.tables.keys())
    pairs = [(table, restored.tables.get(table), backup.tables.get(table)) for table in tables]
    return [f"{table} has {ours} rows and had {theirs}" for table, ours, theirs in pairs if ours != theirs]


def _question(backup: Backup, roots: str) -> Question:
    manifest = backup.data.manifest
    return Question(
        log_keys=sorted({*manifest.log_keys, *backup.keys.manifest.log_keys}),
        tables=backup.tables,
        backup=str(manifest.id),
        roots=roots,
        anchors=[manifest.checkpoint] if manifest.checkpoint else [],
        migrate=is_older(backup),
    )


def _refuse_other_counts(restored: Restored, backup: Backup) -> None:
    if differing := counts_differ(restored, backup):
        raise Refused(f"This backup does not hold, and was not kept: {'; '.join(differing[:3])}.")


def _refuse_unusable_roots(roots: str, roots_to: Path | None) -> None:
    """The database would be of no use to processes that start with other root keys."""
    if roots_to and roots_to.exists():
        raise Refused(f"{roots_to} is there already; name a new file for the root keys.")
    if roots_to:
        return
    try:
        ours = root_keys()
    except RootKeyProblem:
        ours = {}
    if any(ours.get(kid) != key for kid, key in parse_root_keys(roots).items()):
        raise Refused("This installation has other root keys than the backup: write them with --root-keys-to FILE.")


def _refuse_files_without_folder(backup: Backup, holder: Holder) -> None:
    for part, setting in FOLDERS.items():
        if folder_of(part) is None and unpack(backup.data.pieces(part, holder), None):
            raise Refused(f"The backup holds files of {setting}, which is not set here: set it first.")


def _write_roots(file: Path, roots: str) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(roots)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as problem:
        raise Refused(f"{file} cannot be written: {problem.strerror}.") from None
