import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.lookup import center_named
from audit.context import Actor, acting
from messaging.actions.lines import NumberTaken, add_line, webhooks_of
from messaging.line_forms import LineForm


class Command(BaseCommand):
    help = "Connect one of a center's numbers at Twilio. Prints the addresses to set there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="such as +16145550199; without a country, of the United States")
        parser.add_argument("--center", required=True, help="the center's id or name")
        parser.add_argument("--account-sid", required=True)
        parser.add_argument("--auth-token-file", required=True, type=Path, help="a file that holds the token")
        parser.add_argument("--messaging-service", default=None)
        parser.add_argument("--json", action="store_true")

    @acting(Actor.command("add_line"))
    def handle(self, *args: Any, **options: Any) -> None:
        given = _given(options)
        try:
            line = add_line(center_named(options["center"]), **given)
        except NumberTaken as error:
            raise CommandError("This center has this line already.") from error
        answer = {"line": str(line.pk), "number": given["number"], "webhooks": webhooks_of(line)}
        self.stdout.write(json.dumps(answer) if options["json"] else _for_people(answer))


def _for_people(answer: dict[str, Any]) -> str:
    hooks = "\n".join(f"  {name:12} {address}" for name, address in answer["webhooks"].items())
    return f"Connected. Set these addresses at Twilio, all with POST:\n{hooks}"


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """What was typed, read as the page for it reads it."""
    typed = {"messaging_service_sid": options["messaging_service"], "auth_token": _token(options["auth_token_file"])}
    form = LineForm({**typed, "number": options["number"], "account_sid": options["account_sid"]})
    if not form.is_valid():
        wrong = (f"{form[name].label}: {' '.join(map(str, said))}" for name, said in form.errors.items())
        raise CommandError("\n".join(wrong))
    return form.cleaned_data


def _token(file: Path) -> str:
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError("The file with the auth token cannot be read.") from error
    if not token:
        raise CommandError("The file with the auth token is empty. Without it every forgery would pass.")
    return token
