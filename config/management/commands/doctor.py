import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.context import Actor, acting
from config.checks import Finding, examine
from config.connections import examine_lines


class Command(BaseCommand):
    help = "Look at everything that must be true, and say how to mend what is not. Exits 1 when something is red."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--fix", action="store_true", help="set the webhook addresses at Twilio")

    @acting(Actor.command("doctor"))
    def handle(self, *args: Any, **options: Any) -> None:
        findings = [*examine(), *examine_lines(mend=options["fix"])]
        if options["json"]:
            self.stdout.write(json.dumps([{**asdict(finding), "red": finding.is_red} for finding in findings]))
        else:
            for finding in findings:
                self.stdout.write(_line(finding))
        if any(finding.is_red for finding in findings):
            sys.exit(1)


def _line(finding: Finding) -> str:
    if not finding.fix:
        return f"well     {finding.check}"
    return f"{'look' if finding.is_warning else 'RED '}     {finding.check}: {finding.fix}"
