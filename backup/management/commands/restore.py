"""Restore a backup into an empty database. Looks at everything first. Ends with 0, or 2 and nothing changed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backup.databases import Database
from backup.keys import holder
from backup.problems import Refused
from backup.reading import read_backup
from backup.recovering import look_first, recover
from encryption.offline import Holder


class Command(BaseCommand):
    help = __doc__ or ""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", type=Path, required=True, dest="data", metavar="DIR", help="a backup of the data")
        parser.add_argument("--keys-from", type=Path, required=True, dest="keys", metavar="DIR", help="and of its keys")
        parser.add_argument("--private-key", type=Path, required=True, metavar="FILE", help="the offline key")
        parser.add_argument("--into", metavar="URL", help="an empty database, as its owner (default: the owner's own)")
        parser.add_argument("--root-keys-to", type=Path, metavar="FILE", help="write the root keys to a new file")
        parser.add_argument("--only-check", action="store_true", help="look at everything, restore nothing")

    def handle(self, **options: Any) -> None:
        try:
            self._restore(holder(options["private_key"]), **options)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from None

    def _restore(self, key: Holder, **options: Any) -> None:
        into = Database.at(options["into"]) if options["into"] else Database.of_alias("owner")
        backup = read_backup(options["data"], options["keys"])
        rows, at = sum(backup.tables.values()), backup.data.manifest.at
        if options["only_check"]:
            look_first(backup, key, into, options["root_keys_to"])
            self.stdout.write(f"The backup of {at:%Y-%m-%d %H:%M} UTC can be restored here: {rows} rows.")
            return
        done = recover(backup, key, into, options["root_keys_to"])
        self.stdout.write(f"Restored {rows} rows of {at:%Y-%m-%d %H:%M} UTC into {into.name}, and {done.files} files.")
        self.stdout.write(f"Keys that were destroyed since, and are destroyed again: {done.restored.erased_again}.")
        for proof in done.proofs:
            self.stdout.write(f"{proof.name}: {proof.said}")
        self.stdout.write("Now put the audit anchor file aside, start Quietline, and run doctor. See docs/backup.md.")
