"""Increments: the rows that changed since the last backup, so that a lost disk takes minutes with it and not a day.

An increment is read from the server's log of changes, so it costs what was written and not what is there. Where one
cannot follow, a whole backup is made instead and says why.
"""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from audit.signing import public_keys
from backup import stream
from backup.chains import Half, finished_half, link_to, newest
from backup.databases import Connection
from backup.framing import compressed
from backup.gathering import Gathered
from backup.making import Draft, Made, halves, make_whole, making
from backup.manifest import Manifest
from backup.problems import CannotFollow
from backup.snapshot import migrations_done, roots_in_use, sequence_values
from encryption.offline import Recipient

LONGEST_CHAIN = timedelta(hours=25)  # longer than a day: whoever makes a whole one every night begins the next


@dataclass(frozen=True)
class Last:
    """What an increment follows: both halves of one backup."""

    data: Half
    keys: Half

    @property
    def manifest(self) -> Manifest:
        return self.data.manifest

    @property
    def tables(self) -> dict[str, int]:
        return self.data.manifest.tables | self.keys.manifest.tables


def make_increment(to: Path, keys_to: Path, recipient: Recipient) -> Made:
    """What changed since the newest backup in these places, or a whole one that says why. Raises Refused."""
    with making(to, keys_to) as connection:
        begins = stream.ensure_slot(connection)
        try:
            last = _last(to, keys_to)
            _look(connection, last, begins, recipient)
            return _follow(connection, last, Draft.new(to, keys_to, recipient))
        except CannotFollow as why:
            return replace(make_whole(connection, to, keys_to, recipient), because=str(why))


def _last(to: Path, keys_to: Path) -> Last:
    """The newest data, which is finished after its keys, and the keys that were made with it."""
    data = newest(to, "data")
    if data is None:
        raise CannotFollow("There is no whole backup to follow.")
    keys = finished_half(keys_to / data.folder.name, "keys")
    if keys is None or keys.manifest.id != data.manifest.id:
        raise CannotFollow("The keys of the newest backup are not where they were put.")
    if not {data.manifest.key, keys.manifest.key} <= {str(key) for key in public_keys()}:
        raise CannotFollow("The newest backup there is of another installation.")
    return Last(data, keys)


def _look(connection: Connection, last: Last, begins: int, recipient: Recipient) -> None:
    """Raise CannotFollow when an increment would not fit."""
    before = last.manifest
    if not 0 < begins <= before.end:
        raise CannotFollow("PostgreSQL no longer tells what changed since the newest backup.")
    if before.recipient != recipient.kid.hex():
        raise CannotFollow("Backups are sealed to another key now.")
    if before.migrations != migrations_done(connection):
        raise CannotFollow("The tables were brought up to date.")
    if before.postgresql // 10_000 != connection.info.server_version // 10_000:
        raise CannotFollow("PostgreSQL was brought up to date.")
    if timezone.now() - last.data.base.manifest.at > LONGEST_CHAIN:
        raise CannotFollow("The last whole backup is more than a day old.")


def _follow(connection: Connection, last: Last, draft: Draft) -> Made:
    before = last.manifest
    files, gathered = draft.files(), Gathered(before, stream.moment(connection))
    stream.give_up_until(connection, before.end)
    told = stream.position_on_disk(connection)
    with closing(stream.changes(connection)) as changes:
        changed = draft.data_part("changes", compressed(gathered.data(changes)))
    keystore = draft.keys_part("changes", compressed(gathered.keys))
    stream.wait_until_seen(connection, gathered.transactions)
    whole = draft.manifest(
        postgresql=before.postgresql,
        migrations=before.migrations,
        tables={table: count + gathered.rows[table] for table, count in last.tables.items()},
        checkpoint=gathered.checkpoint or before.checkpoint,
        roots=roots_in_use(connection),
        destroyed=sorted(gathered.destroyed),
        moment=before.moment,
        end=max(before.end, gathered.end, told),
        sequences=sequence_values(connection),
    )
    data, keys = halves(whole)
    data = replace(data, parts=[changed, *files], follows=link_to(last.data))
    keys = replace(keys, parts=[keystore, draft.roots()], follows=link_to(last.keys))
    return replace(draft.finish(data, keys), changes=gathered.changes)
