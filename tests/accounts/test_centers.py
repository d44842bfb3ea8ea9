"""Whoever works in several centers chooses one, sees nothing of the others, and changes openly."""

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp

from accounts.actions.factors import begin_totp
from accounts.models import Center, Membership, Role
from accounts.sockets import members_of
from audit.events import Event
from audit.guard import audited
from audit.models import LogEntry
from messaging.actions.lines import add_line
from messaging.models import Line
from tenancy.scope import in_center
from tests.cast import ACCOUNT, PASSWORD, TOKEN
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(naomi: Membership, other_center: Center) -> Membership:
    """Naomi works in the other center too; this is her place there."""
    with in_center(other_center.pk), audited():
        return Membership.objects.create(center=other_center, staff=naomi.staff, role=Role.SUPERVISOR)


@pytest.fixture
def texts(line: Line, other_center: Center) -> None:
    there = add_line(other_center, number="+16145550188", account_sid=ACCOUNT, auth_token=TOKEN)
    text_in(line, "words for here")
    text_in(there, "words for there", To=there.number, MessageSid=sid(5))


def enter(client: Client, center: object) -> str:
    return str(client.post("/centers/enter/", {"center": center})["Location"])


def test_she_is_asked_where_she_works_now(naomi: Membership, both: Membership) -> None:
    client = signed_in(naomi)
    page = client.get("/centers/").content.decode()
    assert "Harbor" in page
    assert "Else" in page
    assert "Supervisor" in page
    assert 'href="/centers/"' in client.get("/").content.decode(), "the name at the top leads there"


def entered(member: Membership, query: str = "") -> str:
    """Where somebody is led who signs in with both factors."""
    device = begin_totp(member.staff)
    device.confirmed = True
    device.save()
    client = Client(headers={"Host": "quietline.test"})
    client.post("/sign-in/", {"email": member.staff.email, "password": PASSWORD}, secure=True)
    code = f"{totp(device.key, t0=0, drift=0, step=30, digits=6):06d}"
    return str(client.post(f"/sign-in/code/{query}", {"code": code}, secure=True)["Location"])


def test_after_signing_in_the_choice_comes_first(naomi: Membership, both: Membership, ruth: Membership) -> None:
    assert entered(naomi) == "/centers/"
    assert entered(ruth) == "/"


def test_who_was_on_her_way_goes_on(naomi: Membership, both: Membership) -> None:
    assert entered(naomi, "?next=/follow-ups/") == "/follow-ups/"


def test_who_works_in_one_center_is_not_asked(naomi: Membership) -> None:
    client = signed_in(naomi)
    assert 'href="/centers/"' not in client.get("/").content.decode()


def test_she_sees_one_center_at_a_time(naomi: Membership, both: Membership, texts: None) -> None:
    client = signed_in(naomi)
    assert "words for here" in client.get("/?view=open").content.decode()
    assert enter(client, both.center_id) == "/"
    page = client.get("/?view=open").content.decode()
    assert "words for there" in page
    assert "words for here" not in page


def test_her_role_is_the_one_she_has_there(naomi: Membership, both: Membership) -> None:
    client = signed_in(naomi)
    enter(client, both.center_id)
    assert "Supervisor" in client.get("/settings/").content.decode()


def test_changing_is_on_the_record_of_the_center_she_enters(naomi: Membership, both: Membership) -> None:
    enter(signed_in(naomi), both.center_id)
    with in_center(both.center_id):
        assert LogEntry.objects.get(event=Event.CENTER_ENTERED).actor_id == naomi.staff_id
    with in_center(naomi.center_id):
        assert not LogEntry.objects.filter(event=Event.CENTER_ENTERED).exists()


def test_what_was_open_in_the_center_she_left_closes(naomi: Membership, both: Membership) -> None:
    client = signed_in(naomi)
    key = str(client.session.session_key)
    assert members_of([key])[key].center_id == naomi.center_id
    enter(client, both.center_id)
    assert members_of([key]) == {}
    now = str(client.session.session_key)
    assert members_of([now])[now].center_id == both.center_id


@pytest.mark.parametrize("wanted", ["", "x", "01936d5c-0000-7000-8000-000000000000"])
def test_she_stays_where_she_was_if_she_does_not_work_there(naomi: Membership, both: Membership, wanted: str) -> None:
    client = signed_in(naomi)
    assert enter(client, wanted) == "/centers/"
    assert client.session["center"] == str(naomi.center_id)
    assert "still where you were" in client.get("/centers/").content.decode()


def test_a_center_where_her_work_has_ended_is_shut(naomi: Membership, both: Membership) -> None:
    client = signed_in(naomi)
    with in_center(both.center_id), audited(Event.STAFF_DEACTIVATED):
        both.ended_at = timezone.now()
        both.save()
    assert enter(client, both.center_id) == "/centers/"
    assert client.session["center"] == str(naomi.center_id)


def test_a_colleague_of_one_center_cannot_come_over(naomi: Membership, other_center: Center) -> None:
    client = signed_in(naomi)
    assert enter(client, other_center.pk) == "/centers/"
    assert client.session["center"] == str(naomi.center_id)


def test_the_password_alone_enters_nowhere(naomi: Membership, both: Membership) -> None:
    client = Client(headers={"Host": "quietline.test"})
    client.post("/sign-in/", {"email": naomi.staff.email, "password": PASSWORD}, secure=True)
    assert client.post("/centers/enter/", {"center": both.center_id}, secure=True).status_code == 401
