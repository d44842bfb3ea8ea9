"""What admins see of each colleague: how she signs in, when she last did, and who has stayed away."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Center, Membership, Passkey, Role
from accounts.ways import ways_of, ways_of_all
from tests.cast import PASSWORD, employ
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


def row_of(page: str, name: str) -> str:
    """The part of the page from one name to the next row."""
    return page.split(name, 1)[1].split("</li>", 1)[0]


def test_each_row_says_how_somebody_signs_in_and_when_last(adina: Membership, naomi: Membership) -> None:
    Passkey.objects.create(user=naomi.staff, name="phone", credential_id=b"1", public_key=b"2")
    page = signed_in(adina).get("/staff/").content.decode()
    hers, own = row_of(page, "Naomi Tester"), row_of(page, "Adina Tester")
    assert "1 passkey" in hers
    assert "has not signed in yet" in hers
    assert "password and authenticator app" in own
    assert "last signed in" in own
    assert "One way to sign in" in own


def test_the_password_alone_is_no_visit(naomi: Membership) -> None:
    client = Client(headers={"Host": "quietline.test"})
    client.post("/sign-in/", {"email": naomi.staff.email, "password": PASSWORD}, secure=True)
    naomi.staff.refresh_from_db()
    assert naomi.staff.last_login is None
    signed_in(naomi)
    naomi.staff.refresh_from_db()
    assert naomi.staff.last_login is not None


def test_whoever_stayed_away_for_sixty_days_is_marked(adina: Membership, naomi: Membership, ruth: Membership) -> None:
    for member, days in ((naomi, 61), (ruth, 59)):
        member.staff.last_login = timezone.now() - timedelta(days=days)
        member.staff.save(update_fields=["last_login"])
    page = signed_in(adina).get("/staff/").content.decode()
    assert "Not here for 60 days" in row_of(page, "Naomi Tester")
    assert "Not here for 60 days" not in row_of(page, "Ruth Tester")


def test_more_people_cost_no_more_queries(adina: Membership, center: Center) -> None:
    client = signed_in(adina)
    client.get("/staff/")
    with CaptureQueriesContext(connection) as few:
        client.get("/staff/")
    for name in ("Dinah", "Lydia", "Priscilla"):
        employ(center, name, Role.SPECIALIST)
    with CaptureQueriesContext(connection) as more:
        client.get("/staff/")
    assert len(more) == len(few)


def test_the_ways_of_all_are_the_ways_of_each(adina: Membership, naomi: Membership) -> None:
    signed_in(adina)
    Passkey.objects.create(user=naomi.staff, name="phone", credential_id=b"1", public_key=b"2", confirmed=False)
    together = ways_of_all([adina.staff, naomi.staff])
    assert together == {one.staff_id: ways_of(one.staff) for one in (adina, naomi)}
    assert [together[one.staff_id].count for one in (adina, naomi)] == [1, 0]
