import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts.actions.invitations import AlreadyHere, invite
from accounts.lookup import center_named
from accounts.models import Role
from audit.context import Actor, acting


class Command(BaseCommand):
    help = "Invite a person to a center. Prints a link for one use within 72 hours."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--center", required=True, help="the center's id or name")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--json", action="store_true")

    @acting(Actor.command("add_staff"))
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError("This is not an e-mail address.") from error
        center = center_named(options["center"])
        try:
            link = invite(center, email=options["email"], role=options["role"], by=None)
        except AlreadyHere as error:
            raise CommandError("This person works in that center already.") from error
        self.stdout.write(json.dumps({"invitation": link}) if options["json"] else link)
