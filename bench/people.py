"""Staff and their sessions, as `python -m bench.people PEOPLE SESSIONS` in the product's environment.

A session is what signing in with both factors leaves behind, made by the same calls; two hundred people cannot be
waited for at the door, where a code works once in half a minute. Prints one session a line: its key, and who has it.
"""

import json
import os
import secrets
import sys
from itertools import cycle, islice
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from accounts.models import Membership

BACKEND = "accounts.backends.EmailBackend"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from audit.context import Actor, acting

    people, sessions = map(int, sys.argv[1:3])
    with acting(Actor.command("bench")):
        members = _members(people)
        for member in islice(cycle(members), sessions):
            print(json.dumps({"session": _session(member), "staff": str(member.staff_id), "all": member.sees_all}))
    return 0


def _members(wanted: int) -> "list[Membership]":
    """The members of the only center; so many of them, and new specialists where there are fewer."""
    from accounts.models import Center, Membership, Role
    from tenancy.scope import in_platform
    from trial.demo import add_person

    with in_platform():
        center, found = Center.objects.get(), Membership.objects.current().count()
    for number in range(found, wanted):
        add_person(center, f"Person {number}", f"p{number}@quietline.test", Role.SPECIALIST, secrets.token_hex(12))
    with in_platform():
        return list(Membership.objects.current().select_related("staff").order_by("started_at")[:wanted])


def _session(member: "Membership") -> str:
    import django_otp
    from django.contrib import auth
    from django.http import HttpRequest

    from accounts import sessions
    from accounts.models import TotpDevice
    from accounts.session_store import SessionStore
    from tenancy.scope import in_platform

    request = HttpRequest()
    request.session, request.user = SessionStore(), member.staff
    with in_platform():
        auth.login(request, member.staff, BACKEND)
        django_otp.login(request, TotpDevice.objects.get(user=member.staff))
    sessions.start(request.session, member.center_id)
    request.session.save()
    return str(request.session.session_key)


if __name__ == "__main__":
    sys.exit(main())
