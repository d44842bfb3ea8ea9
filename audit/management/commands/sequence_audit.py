"""Number every entry that waits, sign the tree, and if asked store the checkpoint outside, once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.anchors import anchor_now
from audit.sequencer import sequence_all


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", action="store_true", help="append it to AUDIT_ANCHOR_FILE")

    def handle(self, *, anchor: bool, **options: Any) -> None:
        self.stdout.write(f"{sequence_all()} entries numbered.")
        if anchor and not anchor_now():
            raise CommandError("There is no AUDIT_ANCHOR_FILE, or no checkpoint yet.")
