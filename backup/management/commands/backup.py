"""Write a new backup, sealed to the offline key. Earlier ones are never touched. Ends with 0 or 2."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from audit.context import Actor, acting
from backup.keys import recipient
from backup.making import make_backup
from backup.problems import in_one_sentence
from backup.records import keep_on_record


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="where backups of the data lie")
        parser.add_argument("--keys-to", type=Path, required=True, metavar="DIR", help="where those of the keys lie")

    @acting(Actor.command("backup"))
    def handle(self, *, to: Path, keys_to: Path, **options: Any) -> None:
        with in_one_sentence():
            made = make_backup(to, keys_to, recipient())
            keep_on_record(made.manifest)
        rows = sum(made.manifest.tables.values())
        self.stdout.write(f"{rows} rows and {made.length} bytes, sealed to key {made.manifest.recipient}.")
        self.stdout.write(f"data  {made.data}\nkeys  {made.keys}")
