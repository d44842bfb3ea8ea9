"""The people and places of most tests, each with a fixed role.

ruth supervises, naomi is a specialist, adina is the admin; mara works in another center.
"""

from collections.abc import Iterator
from datetime import time

import pytest

from accounts.actions.centers import add_center
from accounts.models import Center, Membership, Role, Staff
from audit.context import Actor, acting
from audit.guard import audited
from encryption.blind_index import email_index
from messaging.actions.lines import add_line
from messaging.models import Line, OpeningHours, Weekday
from tenancy.scope import in_center

LINE_NUMBER = "+16145550199"
PHONE = "+16145550101"
ACCOUNT = "AC" + "2" * 32
TOKEN = "0123456789abcdef0123456789abcdef"
PASSWORD = "seven quiet herons wade"


@pytest.fixture(autouse=True)
def _as_a_test() -> Iterator[None]:
    with acting(Actor.command("test")):
        yield


@pytest.fixture
def center(db: None) -> Center:
    """It is open at every hour, so that no test depends on the hour at which it runs."""
    center = add_center("Harbor House", quiet_name="Harbor", time_zone="America/New_York")
    with in_center(center.pk):
        OpeningHours.objects.bulk_create(
            OpeningHours(center=center, weekday=day, opens=time.min, closes=time.max) for day in Weekday
        )
    return center


@pytest.fixture
def other_center(db: None) -> Center:
    return add_center("Elsewhere", quiet_name="Else")


@pytest.fixture
def line(center: Center) -> Line:
    return add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)


def employ(center: Center, name: str, role: Role) -> Membership:
    """Somebody who works in a center, with a password and no second factor yet."""
    email = f"{name.lower()}@{center.pk.hex[-6:]}.example.org"
    with in_center(center.pk), audited():
        staff = Staff(email=email, email_index=email_index(email), name=f"{name} Tester")
        staff.set_password(PASSWORD)
        staff.save()
        return Membership.objects.create(center=center, staff=staff, role=role)


@pytest.fixture
def adina(center: Center) -> Membership:
    return employ(center, "Adina", Role.ADMIN)


@pytest.fixture
def ruth(center: Center) -> Membership:
    return employ(center, "Ruth", Role.SUPERVISOR)


@pytest.fixture
def naomi(center: Center) -> Membership:
    return employ(center, "Naomi", Role.SPECIALIST)


@pytest.fixture
def mara(other_center: Center) -> Membership:
    return employ(other_center, "Mara", Role.SPECIALIST)
