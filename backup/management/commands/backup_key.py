"""Make the key pair of backups. The private half goes offline; the server keeps the public half alone."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backup.keys import write_pair
from backup.problems import in_one_sentence


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--private-to", type=Path, required=True, metavar="FILE", help="new, and then taken away")

    def handle(self, *, private_to: Path, **options: Any) -> None:
        public = settings.BACKUP_PUBLIC_KEY_PATH
        with in_one_sentence():
            recipient = write_pair(private_to, Path(public) if public else None)
        self.stdout.write(f"BACKUP_PUBLIC_KEY={recipient}")
        self.stdout.write(f"Key {recipient.kid.hex()}. Take {private_to} away from this machine now, to two places.")
