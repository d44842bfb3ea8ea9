"""Write the log as a file that `verify.py` checks without us."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit.context import Actor, acting
from audit.export import write_export
from audit.sealing import LogStopped
from audit.signing import public_key


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")
        parser.add_argument("--center", type=UUID, metavar="ID", help="only this center's entries in full")

    @acting(Actor.command("export_audit"))
    def handle(self, *, out: Path, center: UUID | None, **options: Any) -> None:
        try:
            write_export(out, center)
        except LogStopped:
            raise CommandError(
                "The log could not be sealed, so nothing was exported. Look at the clock's process."
            ) from None
        self.stdout.write(f"Written to {out}. Key: {public_key()}")
