"""Makes a backup: the data in one new folder and the keys in another, sealed to a key that is not here."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from django.utils import timezone

from audit.notes import Signer
from audit.sequencer import sequence_all
from audit.signing import public_keys
from backup.chains import folder_name
from backup.databases import Connection, backup_reader
from backup.dumping import KEYS_ALONE, WITHOUT_KEYS, dump
from backup.files import FOLDERS, folder_of, packed
from backup.manifest import Manifest
from backup.parts import Part, new_folder, write_part
from backup.problems import Refused
from backup.snapshot import KEYSTORE, snapshot
from backup.stream import alone, slot_position
from encryption.keystore import signing_key_bytes
from encryption.offline import Recipient
from encryption.roots import RootKeyProblem, check_root_keys, root_keys
from tenancy.ids import uuid7
from tenancy.scope import in_platform


@dataclass(frozen=True)
class Made:
    """A finished backup: its two folders, and what they say of themselves.

    changes  how many rows an increment holds
    because  why it is a whole backup, where an increment was wanted
    """

    data: Path
    keys: Path
    manifest: Manifest
    changes: int = 0
    because: str = ""

    @property
    def length(self) -> int:
        return sum(part.length for part in self.manifest.parts)


def make_backup(to: Path, keys_to: Path, recipient: Recipient) -> Made:
    """Write a new backup beside all earlier ones. Raises Refused; what was begun is then left without a manifest."""
    with making(to, keys_to) as connection:
        return make_whole(connection, to, keys_to, recipient)


@contextmanager
def making(to: Path, keys_to: Path) -> Iterator[Connection]:
    """What every backup asks for: two places, keys that open it, a log in order, and no other one at work."""
    _refuse_together(to, keys_to)
    _check_keys()
    sequence_all()
    with alone(backup_reader()) as connection:
        yield connection


def make_whole(connection: Connection, to: Path, keys_to: Path, recipient: Recipient) -> Made:
    """A whole backup. Increments to it begin where the log of changes is kept from, without what its snapshot saw."""
    draft, begins = Draft.new(to, keys_to, recipient), slot_position(connection)
    # Files first: what leaves the spool meanwhile is in the database by the time that we look there.
    files = draft.files()
    database = backup_reader()
    with snapshot(database) as moment:
        dumped = draft.data_part("data", dump(database, moment, WITHOUT_KEYS))
        keystore = draft.keys_part("keystore", dump(database, moment, KEYS_ALONE))
    whole = draft.manifest(
        postgresql=moment.postgresql,
        migrations=moment.migrations,
        tables=moment.tables,
        checkpoint=moment.checkpoint,
        roots=moment.roots,
        destroyed=moment.destroyed,
        moment=moment.sees,
        end=begins,
    )
    data, keys = halves(whole)
    return draft.finish(replace(data, parts=[dumped, *files]), replace(keys, parts=[keystore, draft.roots()]))


@dataclass(frozen=True)
class Draft:
    """A backup that is being written: two folders without a manifest."""

    id: UUID
    at: datetime
    data: Path
    keys: Path
    recipient: Recipient
    signer: Signer

    @classmethod
    def new(cls, to: Path, keys_to: Path, recipient: Recipient) -> Self:
        identity, at = uuid7(), timezone.now()
        name = folder_name(at, identity)
        return cls(identity, at, new_folder(to, name), new_folder(keys_to, name), recipient, _signer())

    def data_part(self, name: str, pieces: Iterable[bytes]) -> Part:
        return write_part(self.data, name, self.id, self.recipient, pieces)

    def keys_part(self, name: str, pieces: Iterable[bytes]) -> Part:
        return write_part(self.keys, name, self.id, self.recipient, pieces)

    def files(self) -> list[Part]:
        """What lies beside the database."""
        return [self.data_part(part, packed(folder_of(part))) for part in FOLDERS]

    def roots(self) -> Part:
        return self.keys_part("roots", _roots())

    def manifest(self, **known: Any) -> Manifest:
        """What both halves say."""
        signs = self.signer.public
        before = [str(key) for key in public_keys() if key != signs]
        return Manifest(
            id=self.id,
            kind="data",
            at=self.at,
            key=str(signs),
            log_keys=[*before, str(signs)],
            recipient=self.recipient.kid.hex(),
            parts=[],
            **known,
        )

    def finish(self, data: Manifest, keys: Manifest) -> Made:
        """The manifests come last: without them a backup was never finished."""
        keys.write(self.keys, self.signer)
        data.write(self.data, self.signer)
        return Made(self.data, self.keys, data)


def halves(whole: Manifest) -> tuple[Manifest, Manifest]:
    """Of the data and of the keys. Each counts the tables that are in it."""
    data = {table: count for table, count in whole.tables.items() if table != KEYSTORE}
    keys = {KEYSTORE: whole.tables[KEYSTORE]}
    return replace(whole, tables=data), replace(whole, kind="keys", tables=keys)


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
