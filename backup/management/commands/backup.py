"""Write a new backup, sealed to the offline key. Earlier ones are never touched. Ends with 0 or 2."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from audit.context import Actor, acting
from backup.append_only import can_delete
from backup.incrementing import make_increment
from backup.keys import recipient
from backup.making import Made, make_backup
from backup.problems import in_one_sentence
from backup.records import keep_on_record


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="where backups of the data lie")
        parser.add_argument("--keys-to", type=Path, required=True, metavar="DIR", help="where those of the keys lie")
        parser.add_argument("--increment", action="store_true", help="only what changed since the newest one there")

    @acting(Actor.command("backup"))
    def handle(self, *, to: Path, keys_to: Path, increment: bool, **options: Any) -> None:
        with in_one_sentence():
            made = make_increment(to, keys_to, recipient()) if increment else make_backup(to, keys_to, recipient())
            open_places = [place for place in (to, keys_to) if can_delete(place)]
            keep_on_record(made.manifest, deletable=bool(open_places))
        self.stdout.write(_said(made))
        self.stdout.write(f"data  {made.data}\nkeys  {made.keys}")
        for place in open_places:
            self.stdout.write(f"This server can delete what lies in {place}, and so can whoever takes it over.")


def _said(made: Made) -> str:
    sealed = f"{made.length} bytes, sealed to key {made.manifest.recipient}."
    if made.manifest.follows:
        return f"{made.changes} changed rows and {sealed}"
    because = f"{made.because} A whole backup: " if made.because else ""
    return f"{because}{sum(made.manifest.tables.values())} rows and {sealed}"
