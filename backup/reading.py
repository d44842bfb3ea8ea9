"""Reads a backup and finds out whether it can be restored here, before anything is touched."""

from dataclasses import dataclass
from pathlib import Path

from django.db.migrations.loader import MigrationLoader

from backup.chains import Half
from backup.manifest import FILE, Kind, Manifest
from backup.problems import Refused
from encryption.offline import Holder
from encryption.roots import RootKeyProblem, parse_root_keys


@dataclass(frozen=True)
class Backup:
    """Data, and keys that open it: of the same backup, or keys of a later one."""

    data: Half
    keys: Half

    @property
    def tables(self) -> dict[str, int]:
        return self.data.manifest.tables | self.keys.manifest.tables


def read_backup(data: Path, keys: Path) -> Backup:
    """A backup whose every byte is as it was written, and whose halves fit. Raises Refused."""
    backup = Backup(Half.at(data, "data"), Half.at(keys, "keys"))
    _refuse_misfits(backup.data.manifest, backup.keys.manifest)
    backup.data.check()
    backup.keys.check()
    return backup


def open_roots(backup: Backup, holder: Holder) -> str:
    """The root keys of a backup, which must be the ones that its keystore needs. Raises Refused."""
    wanted, given = backup.keys.manifest, holder.recipient.kid.hex()
    for manifest in (backup.data.manifest, wanted):
        if manifest.recipient != given:
            raise Refused(f"This private key opens key {given}; the backup is sealed to key {manifest.recipient}.")
    text = b"".join(backup.keys.pieces("roots", holder)).decode("ascii")
    try:
        missing = set(wanted.roots) - {kid.hex() for kid in parse_root_keys(text)}
    except RootKeyProblem as problem:
        raise Refused(str(problem)) from None
    if missing:
        raise Refused(f"The keys of this backup lack root key {min(missing)}, which its keystore needs.")
    return text


def refuse_newer_version(backup: Backup) -> None:
    """Refuse tables that this version does not know. Older ones are brought up to date."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    apps = {name.split(".")[0] for name in known}
    ours = {name for name in backup.data.manifest.migrations if name.split(".")[0] in apps}
    if unknown := sorted(ours - known):
        raise Refused(f"This backup was made by a newer Quietline: it knows {unknown[0]}. Install that version first.")


def is_older(backup: Backup) -> bool:
    """Whether migrations have to run after it is restored."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    return bool(known - set(backup.data.manifest.migrations))


def destroyed_since(backup: Backup) -> set[str]:
    """The ledger of erasures: ids of keys that any manifest beside this backup knows to be destroyed.

    A backup of the keystore may still hold a key that was destroyed later. What was erased stays erased.
    """
    gone = set(backup.keys.manifest.destroyed) | set(backup.data.manifest.destroyed)
    for half in (backup.data, backup.keys):
        for folder in half.folder.resolve().parent.iterdir():
            if (folder / FILE).is_file():
                gone |= _destroyed_in(folder, half.manifest.kind, backup.keys.manifest)
    return gone


def _destroyed_in(folder: Path, kind: Kind, keys: Manifest) -> set[str]:
    """Of the same installation alone, and proven so: others have no say in what is erased here."""
    found = Manifest.read(folder, kind)
    if found.installation != keys.installation:
        return set()
    if found.key not in keys.log_keys:
        raise Refused(f"{folder} is signed by a key that these keys do not know: take keys that are as new as it.")
    return set(found.destroyed)


def _refuse_misfits(data: Manifest, keys: Manifest) -> None:
    if data.installation != keys.installation or data.key not in keys.log_keys:
        raise Refused(f"The data is of {data.installation} and the keys are of {keys.installation}.")
    if keys.at < data.at:
        raise Refused("The keys are older than the data, and may lack some: take those of the same backup or later.")
    of_keys = [[name for name in half.migrations if name.startswith("encryption.")] for half in (data, keys)]
    if of_keys[0] != of_keys[1]:
        raise Refused("Data and keys were backed up by two versions whose keystores differ: take those of one backup.")
