"""auditlog's command of this name changes or deletes entries. Nothing here may."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Refused: the log can only be added to."

    def run_from_argv(self, argv: list[str]) -> None:
        self.handle()

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(self.help)
