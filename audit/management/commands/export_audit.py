"""Write the log as a file that `verify.py` checks without us."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit.context import Actor, acting
from audit.events import Event
from audit.export import export_lines
from audit.record import record
from audit.sequencer import sequence_all, wait_for_checkpoint
from audit.signing import public_key
from tenancy.scope import in_platform

LONGEST_WAIT = 10.0  # seconds for a checkpoint over the export's own entry


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")
        parser.add_argument("--center", type=UUID, metavar="ID", help="only this center's entries in full")

    @acting(Actor.command("export_audit"))
    def handle(self, *, out: Path, center: UUID | None, **options: Any) -> None:
        with in_platform():
            entry = record(Event.LOG_EXPORTED, center=center, facts={"what": "log"})
        sequence_all()
        if not wait_for_checkpoint(entry, LONGEST_WAIT):
            raise CommandError("The log could not be sealed, so nothing was exported. Look at the clock's process.")
        with out.open("wb") as file:
            file.writelines(export_lines(center))
        self.stdout.write(f"Written to {out}. Key: {public_key()}")
