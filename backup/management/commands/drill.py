"""Restore a backup into a copy, prove everything about it, and drop the copy. Ends with 0 (it holds), 1 or 2."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from audit.context import Actor, acting
from backup.drilling import Report, drill_fresh, drill_kept
from backup.keys import holder
from backup.problems import Refused, in_one_sentence


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", type=Path, dest="data", metavar="DIR", help="a backup that is kept")
        parser.add_argument("--keys-from", type=Path, dest="keys", metavar="DIR")
        parser.add_argument("--private-key", type=Path, metavar="FILE", help="the offline key that opens it")
        parser.add_argument("--without-twilio", action="store_true", help="do not compare with Twilio's lists")
        parser.add_argument("--json", action="store_true")

    @acting(Actor.command("drill"))
    def handle(self, **options: Any) -> None:
        with in_one_sentence():
            report = _drill(options)
        self.stdout.write(json.dumps(_values(report)) if options["json"] else _table(report))
        sys.exit(0 if report.holds else 1)


def _drill(options: dict[str, Any]) -> Report:
    ask_twilio = not options["without_twilio"]
    given = [options["data"], options["keys"], options["private_key"]]
    if not any(given):
        return drill_fresh(ask_twilio=ask_twilio)
    if not all(given):
        raise Refused("Give --from, --keys-from and --private-key together, or none for a backup of now.")
    return drill_kept(options["data"], options["keys"], holder(options["private_key"]), ask_twilio=ask_twilio)


def _values(report: Report) -> dict[str, Any]:
    manifest = report.backup.data.manifest
    return {
        "holds": report.holds,
        "seconds": report.seconds,
        "backup": str(manifest.id),
        "at": manifest.at.isoformat(),
        "rows": sum(report.backup.tables.values()),
        "proofs": [asdict(proof) for proof in report.proofs],
    }


def _table(report: Report) -> str:
    lines = [f"Backup of {report.backup.data.manifest.at:%Y-%m-%d %H:%M} UTC"]
    for proof in report.proofs:
        lines.append(f"{'holds' if proof.holds else 'FAILS'}  {proof.name:14} {proof.seconds:7.1f} s  {proof.said}")
    verdict = "Everything holds" if report.holds else "NOT everything holds"
    return "\n".join([*lines, f"{verdict}: {report.seconds:.1f} s in all. The copy is dropped."])
