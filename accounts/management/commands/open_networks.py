from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.actions.center_access import open_everywhere
from accounts.lookup import center_named
from audit.context import Actor, acting
from tenancy.scope import in_center


class Command(BaseCommand):
    help = "Let the people of a center in from every network again, when its list has shut its admins out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--center", required=True, help="the center's id or name")

    @acting(Actor.command("open_networks"))
    def handle(self, *args: Any, **options: Any) -> None:
        center = center_named(options["center"])
        with in_center(center.pk):
            open_everywhere(center)
        self.stdout.write("Done. People of this center come in from everywhere until an admin sets a list again.")
