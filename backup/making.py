"""Makes a backup: the data in one new folder and the keys in another, sealed to a key that is not here."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from audit.notes import PublicKey, Signer
from audit.sequencer import sequence_all
from audit.signing import public_keys
from backup.databases import backup_reader
from backup.dumping import KEYS_ALONE, WITHOUT_KEYS, dump
from backup.files import FOLDERS, folder_of, packed
from backup.manifest import Kind, Manifest
from backup.parts import Part, new_folder, write_part
from backup.problems import Refused
from backup.snapshot import KEYSTORE, Snapshot, snapshot
from encryption.keystore import signing_key_bytes
from encryption.offline import Recipient
from encryption.roots import RootKeyProblem, check_root_keys, root_keys
from tenancy.ids import uuid7
from tenancy.scope import in_platform


@dataclass(frozen=True)
class Made:
    """A finished backup: its two folders, and what they say of themselves."""

    data: Path
    keys: Path
    manifest: Manifest

    @property
    def length(self) -> int:
        return sum(part.length for part in self.manifest.parts)


def make_backup(to: Path, keys_to: Path, recipient: Recipient) -> Made:
    """Write a new backup beside all earlier ones. Raises Refused; what was begun is then left without a manifest."""
    _refuse_together(to, keys_to)
    _check_keys()
    sequence_all()
    identity, at = uuid7(), timezone.now()
    name = f"{at:%Y-%m-%dT%H-%M-%SZ}-{identity.hex[-8:]}"
    data, keys = new_folder(to, name), new_folder(keys_to, name)
    signer = _signer()
    # Files first: what leaves the spool meanwhile is in the database by the time that we look there.
    files = [write_part(data, part, identity, recipient, packed(folder_of(part))) for part in FOLDERS]
    database = backup_reader()
    with snapshot(database) as moment:
        dumped = write_part(data, "data", identity, recipient, dump(database, moment, WITHOUT_KEYS))
        keystore = write_part(keys, "keystore", identity, recipient, dump(database, moment, KEYS_ALONE))
    roots = write_part(keys, "roots", identity, recipient, _roots())
    whole = _manifest(moment, identity, at, recipient, signer.public)
    _half(whole, "keys", [keystore, roots]).write(keys, signer)
    manifest = _half(whole, "data", [dumped, *files])
    manifest.write(data, signer)
    return Made(data, keys, manifest)


def _manifest(moment: Snapshot, identity: UUID, at: datetime, recipient: Recipient, signs: PublicKey) -> Manifest:
    before = [str(key) for key in public_keys() if key != signs]
    return Manifest(
        id=identity,
        kind="data",
        at=at,
        key=str(signs),
        log_keys=[*before, str(signs)],
        recipient=recipient.kid.hex(),
        postgresql=moment.postgresql,
        migrations=moment.migrations,
        tables=moment.tables,
        checkpoint=moment.checkpoint,
        roots=moment.roots,
        destroyed=moment.destroyed,
        parts=[],
    )


def _half(whole: Manifest, kind: Kind, parts: list[Part]) -> Manifest:
    """Each half counts the tables that are in it."""
    of_keys = kind == "keys"
    tables = {table: count for table, count in whole.tables.items() if (table == KEYSTORE) == of_keys}
    return replace(whole, kind=kind, tables=tables, parts=parts)


def _refuse_together(to: Path, keys_to: Path) -> None:
    one, two = to.resolve(), keys_to.resolve()
    if one.is_relative_to(two) or two.is_relative_to(one):
        raise Refused("Data and keys must lie apart: give --to and --keys-to two folders, on two devices at best.")


def _check_keys() -> None:
    """A backup whose keys do not open it would be worth nothing."""
    try:
        check_root_keys()
    except RootKeyProblem as problem:
        raise Refused(str(problem)) from None


def _roots() -> Iterator[bytes]:
    for key in root_keys().values():
        yield f"{key.kid.hex()}:{base64.b64encode(key.secret).decode()}\n".encode()


def _signer() -> Signer:
    with in_platform():
        return Signer(signing_key_bytes())
