"""Say whether the log is as it was written. Ends with 0 (it is), 1 (it is not) or 2 (cannot tell)."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from audit.check import LONGEST_WAIT, Outcome, check_log
from audit.context import Actor, acting
from audit.events import Event
from audit.export import write_export
from audit.record import record
from audit.sealing import LogStopped
from encryption.errors import SealError
from tenancy.scope import in_platform


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--export-dir", type=Path, help="also write log.ndjson and verify.py here")
        parser.add_argument("--longest-wait", type=int, default=LONGEST_WAIT, metavar="SECONDS")

    @acting(Actor.command("verify_audit"))
    def handle(self, **options: Any) -> None:
        try:
            outcome = check_log(longest_wait=options["longest_wait"])
            _record(outcome)
            if directory := options["export_dir"]:
                _export(directory)
        except (DatabaseError, SealError, LogStopped, OSError, ValueError) as problem:
            self.stderr.write(f"Could not verify the log: {type(problem).__name__}.")
            sys.exit(2)
        self.stdout.write(json.dumps(outcome.as_dict()) if options["json"] else str(outcome))
        sys.exit(0 if outcome.ok else 1)


def _record(outcome: Outcome) -> None:
    with in_platform():
        record(Event.LOG_VERIFIED, facts={"ok": outcome.ok, "size": outcome.size})


def _export(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    write_export(directory / "log.ndjson")
    source = Path(__file__).parents[2] / "verifier" / "verify.py"
    (directory / "verify.py").write_bytes(source.read_bytes())
