"""An invented center: its people can sign in at once, and its line is connected to the twin."""

import base64
import secrets
from datetime import time
from typing import Any, TypedDict

from django.db import transaction

from accounts.actions.centers import add_center
from accounts.actions.factors import make_recovery_codes
from accounts.actions.invitations import accept, find_open, invite
from accounts.actions.people import change_password
from accounts.models import Center, Role, Staff, TotpDevice
from audit.context import Actor, acting
from audit.events import Event
from audit.record import record
from encryption.keystore import create_center_keys
from messaging.actions.center_words import set_hours
from messaging.actions.lines import add_line
from messaging.actions.starting import finish
from messaging.models import Weekday
from tenancy.ids import INSTALLATION
from tenancy.scope import in_center, in_platform

NUMBER = "+16145550199"  # 555-01xx is kept for fiction
ACCOUNT = "AC" + "0" * 29 + "199"
STAFF = (
    ("Ruth Alder", "ruth@quietline.test", Role.ADMIN),
    ("Esther Lindqvist", "esther@quietline.test", Role.SUPERVISOR),
    ("Naomi Reyes", "naomi@quietline.test", Role.SPECIALIST),
    ("Mara Okafor", "mara@quietline.test", Role.SPECIALIST),
)


class Person(TypedDict):
    """How one of the demo's people signs in."""

    name: str
    email: str
    role: str
    authenticator_key: str


@acting(Actor.command("bin/up"))
@transaction.atomic
def make_center() -> dict[str, Any]:
    """Make the center, its line and its people in one go; return all that the trial must remember."""
    create_center_keys(INSTALLATION)
    center = add_center("Maple Street Center", quiet_name="Maple Street")
    token, password = secrets.token_hex(16), f"quiet-{secrets.token_hex(5)}"
    with in_center(center.pk):  # whoever tries it at night hears the phone ring, too
        set_hours(center, [(day, time.min, time(23, 59)) for day in Weekday], [])
    line = add_line(center, number=NUMBER, account_sid=ACCOUNT, auth_token=token)
    people = [add_person(center, name, email, role, password) for name, email, role in STAFF]
    with in_center(center.pk):
        finish(center)
    return {
        "center": str(center.pk),
        "line": str(line.pk),
        "number": NUMBER,
        "account_sid": ACCOUNT,
        "auth_token": token,
        "password": password,
        "people": people,
    }


def add_person(center: Center, name: str, email: str, role: Role, password: str) -> Person:
    """Somebody who has accepted an invitation and set up an authenticator."""
    secret = invite(center, email=email, role=role, by=None).rstrip("/").rpartition("/")[2]
    staff, _ = accept(find_open(secret), name=name, language="en")
    change_password(staff, password)
    key = _add_authenticator(staff)
    return Person(name=name, email=email, role=str(role), authenticator_key=key)


def _add_authenticator(staff: Staff) -> str:
    """A confirmed second factor whose key the trial prints; real people set up their own."""
    key = secrets.token_bytes(20)
    with in_platform():
        device = TotpDevice.objects.create(user=staff, name="authenticator", confirmed=True, key=key)
        make_recovery_codes(staff)
        record(Event.FACTOR_ADDED, subject=device, center=INSTALLATION, facts={"kind": "authenticator"})
    return base64.b32encode(key).decode()
