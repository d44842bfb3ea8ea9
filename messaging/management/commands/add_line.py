import json
import re
from pathlib import Path
from typing import Any

import phonenumbers
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.lookup import center_named
from audit.context import Actor, acting
from messaging.actions.lines import NumberTaken, add_line, webhooks_of


class Command(BaseCommand):
    help = "Connect one of a center's numbers at Twilio. Prints the addresses to set there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="in international form: +16145550199")
        parser.add_argument("--center", required=True, help="the center's id or name")
        parser.add_argument("--account-sid", required=True)
        parser.add_argument("--auth-token-file", required=True, type=Path, help="a file that holds the token")
        parser.add_argument("--messaging-service", default=None)
        parser.add_argument("--json", action="store_true")

    @acting(Actor.command("add_line"))
    def handle(self, *args: Any, **options: Any) -> None:
        number = _number(options["number"])
        if not re.fullmatch(r"AC[0-9a-f]{32}", options["account_sid"]):
            raise CommandError("An account SID is AC and 32 signs from 0 to 9 and a to f.")
        service = options["messaging_service"]
        if service and not re.fullmatch(r"MG[0-9a-f]{32}", service):
            raise CommandError("A messaging service SID is MG and 32 signs from 0 to 9 and a to f.")
        try:
            line = add_line(
                center_named(options["center"]),
                number=number,
                account_sid=options["account_sid"],
                auth_token=_token(options["auth_token_file"]),
                messaging_service_sid=service,
            )
        except NumberTaken as error:
            raise CommandError("This center has this line already.") from error
        answer = {"line": str(line.pk), "number": number, "webhooks": webhooks_of(line)}
        self.stdout.write(json.dumps(answer) if options["json"] else _for_people(answer))


def _for_people(answer: dict[str, Any]) -> str:
    hooks = "\n".join(f"  {name:12} {address}" for name, address in answer["webhooks"].items())
    return f"Connected. Set these addresses at Twilio, all with POST:\n{hooks}"


def _number(text: str) -> str:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise CommandError("Write the number in international form, such as +16145550199.") from error
    if not phonenumbers.is_possible_number(number):
        raise CommandError("This number is not possible. Write it as +16145550199.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _token(file: Path) -> str:
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError("The file with the auth token cannot be read.") from error
    if not token:
        raise CommandError("The file with the auth token is empty. Without it every forgery would pass.")
    return token
