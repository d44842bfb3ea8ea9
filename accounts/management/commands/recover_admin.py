import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions.recovering import open_on_the_console
from accounts.models import Membership, Role, Staff
from audit.context import Actor, acting
from tenancy.scope import in_platform

LONGEST = 500


class Command(BaseCommand):
    help = (
        "Open the account of somebody who has lost every way of signing in, when no admin can do it: above all that of"
        " the last admin. Prints a link for one use within 60 minutes. She and all admins are told; the log says so."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", default="", help="why, for the admins; asked for if it is not given")
        parser.add_argument("--json", action="store_true")

    @acting(Actor.command("recover_admin"))
    def handle(self, *args: Any, **options: Any) -> None:
        member = _membership_of(options["email"])
        reason = (options["reason"] or _asked()).strip()
        if not reason or len(reason) > LONGEST:
            raise CommandError(f"Please give a reason of at most {LONGEST} characters.")
        link = open_on_the_console(member, reason=reason)
        self.stdout.write(json.dumps({"recovery": link}) if options["json"] else link)


def _membership_of(email: str) -> Membership:
    """Where this person works; where she is an admin, if she is one."""
    try:
        staff = Staff.objects.for_email(email)
    except Staff.DoesNotExist:
        staff = None
    with in_platform():
        current = Membership.objects.current().filter(staff=staff).select_related("staff").order_by("started_at")
        found = current.filter(role=Role.ADMIN).first() or current.first()
    if staff is None or found is None:
        raise CommandError("Nobody with this e-mail address works here.")
    return found


def _asked() -> str:
    return input("Why? ") if sys.stdin.isatty() else ""
