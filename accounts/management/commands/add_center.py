import json
from typing import Any
from zoneinfo import available_timezones

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions.centers import add_center
from audit.context import Actor, acting


class Command(BaseCommand):
    help = "Add a center, with keys of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--quiet-name", default="", help="what a stranger may see: initials, a first name")
        parser.add_argument("--time-zone", default="America/New_York")
        parser.add_argument("--language", default="en", choices=["en", "es"])
        parser.add_argument("--json", action="store_true")

    @acting(Actor.command("add_center"))
    def handle(self, *args: Any, **options: Any) -> None:
        if options["time_zone"] not in available_timezones():
            raise CommandError(f"{options['time_zone']} is not a time zone. Try America/New_York.")
        if not options["name"].strip():
            raise CommandError("A center needs a name.")
        center = add_center(
            options["name"].strip(),
            quiet_name=options["quiet_name"],
            time_zone=options["time_zone"],
            language=options["language"],
        )
        answer = {"center": str(center.pk)}
        self.stdout.write(json.dumps(answer) if options["json"] else f"Added. The center's id is {center.pk}")
