"""Restore a backup into an empty database. Looks at everything first. Ends with 0, or 2 and nothing changed."""

from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from backup.databases import Database
from backup.keys import holder
from backup.new_database import new_database
from backup.problems import in_one_sentence
from backup.reading import Backup, read_backup
from backup.recovering import Recovered, look_first, recover


class Command(BaseCommand):
    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", type=Path, required=True, dest="data", metavar="DIR", help="a backup of the data")
        parser.add_argument("--keys-from", type=Path, required=True, dest="keys", metavar="DIR", help="and of its keys")
        parser.add_argument("--private-key", type=Path, required=True, metavar="FILE", help="the offline key")
        parser.add_argument("--into", metavar="URL", help="an empty database, as its owner (default: the owner's own)")
        parser.add_argument("--into-new", metavar="NAME", help="a new database beside the one of DATABASE_OWNER_URL")
        parser.add_argument("--root-keys-to", type=Path, metavar="FILE", help="write the root keys to a new file")
        parser.add_argument("--only-check", action="store_true", help="look at everything, restore nothing")

    def handle(self, **given: Any) -> None:
        with in_one_sentence():
            key = holder(given["private_key"])
            backup = read_backup(given["data"], given["keys"])
            with _database(given["into"], given["into_new"], keep=not given["only_check"]) as into:
                if given["only_check"]:
                    look_first(backup, key, into, given["root_keys_to"])
                    self.stdout.write(f"It can be restored here: {_named(backup)}.")
                else:
                    self._say(backup, into, recover(backup, key, into, given["root_keys_to"]))

    def _say(self, backup: Backup, into: Database, done: Recovered) -> None:
        self.stdout.write(f"Restored into {into.name}: {_named(backup)}, and {done.files} files.")
        self.stdout.write(f"Keys that were destroyed since, and are destroyed again: {done.restored.erased_again}.")
        for proof in done.proofs:
            self.stdout.write(f"{proof.name}: {proof.said}")
        self.stdout.write("Now put the audit anchor file aside, start Quietline, and run doctor. See docs/backup.md.")


def _named(backup: Backup) -> str:
    data = backup.data
    followed = f" (whole at {data.base.manifest.at:%H:%M}, increments: {len(data.increments)})" if data.before else ""
    return f"the backup of {data.manifest.at:%Y-%m-%d %H:%M} UTC{followed}, {sum(backup.tables.values())} rows"


def _database(url: str | None, new: str | None, *, keep: bool) -> AbstractContextManager[Database]:
    if new:
        return new_database(Database.of_alias("owner"), new, keep=keep)
    return nullcontext(Database.at(url) if url else Database.of_alias("owner"))
