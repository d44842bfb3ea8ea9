"""Write the log as a file that `verify.py` checks without us."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from audit.context import Actor, acting
from audit.events import Event
from audit.export import export_lines, public_key
from audit.record import record
from audit.sequencer import sequence_all
from tenancy.scope import in_platform


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")
        parser.add_argument("--center", type=UUID, metavar="ID", help="only this center's entries in full")

    @acting(Actor.command("export_audit"))
    def handle(self, *, out: Path, center: UUID | None, **options: Any) -> None:
        with in_platform():
            record(Event.LOG_EXPORTED, center=center, facts={"what": "log"})
        sequence_all()
        with out.open("wb") as file:
            file.writelines(export_lines(center))
        self.stdout.write(f"Written to {out}. Key: {public_key()}")
