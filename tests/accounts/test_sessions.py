"""Where somebody is signed in: kept so that no reader of the table can enter, listed, and ended at once."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.actions.desks import name_of
from accounts.actions.forgetting import forget_what_is_over
from accounts.browsers import name_of as browser_name
from accounts.models import Center, Membership, Role
from accounts.session_store import SessionStore, kept_as
from accounts.sockets import members_of
from audit.events import Event
from audit.models import LogEntry
from tenancy.scope import in_center
from tests.cast import employ
from tests.doors import browser, signed_in

pytestmark = pytest.mark.django_db
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"


def works(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def listed(client: Client, path: str = "/settings/sessions/") -> str:
    return client.get(path).content.decode()


@pytest.fixture
def both(naomi: Membership) -> tuple[Client, Client]:
    """Naomi at the center's desk, and on her phone."""
    desk, phone = signed_in(naomi), signed_in(naomi)
    desk.get("/settings/", headers={"User-Agent": WINDOWS})
    phone.get("/settings/", headers={"User-Agent": IPHONE}, REMOTE_ADDR="203.0.113.9")
    return desk, phone


def test_the_table_of_sessions_opens_no_door(naomi: Membership) -> None:
    client = signed_in(naomi)
    key = str(client.session.session_key)
    rows = list(Session.objects.values_list("session_key", flat=True))
    assert kept_as(key) in rows
    assert key not in rows
    for row in rows:
        stranger = browser()
        stranger.cookies["session"] = stranger.cookies["__Host-session"] = row
        assert stranger.get("/settings/", secure=True).status_code == 302
        assert members_of([row]) == {}


def test_a_session_is_found_changed_and_ended_by_its_key(naomi: Membership) -> None:
    session = SessionStore()
    session["x"] = 1
    session.save()
    again = SessionStore(session.session_key)
    assert again["x"] == 1
    again["x"] = 2
    again.save()
    assert SessionStore(session.session_key)["x"] == 2
    before = str(session.session_key)
    session.cycle_key()
    session.save()
    assert (SessionStore(before).load(), SessionStore(session.session_key)["x"]) == ({}, 1)
    session.flush()
    assert not Session.objects.exists()
    assert not SessionStore().exists(sha256(b"nothing").hexdigest()[:32])


def test_sessions_that_are_over_are_forgotten(naomi: Membership, ruth: Membership) -> None:
    signed_in(naomi)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    signed_in(ruth)
    forget_what_is_over()
    assert Session.objects.count() == 1


def test_the_list_says_which_browser_where_and_since_when(both: tuple[Client, Client]) -> None:
    desk, _ = both
    page = listed(desk)
    assert "Chrome, Windows" in page
    assert "Safari, iPhone" in page
    assert "203.0.113.9" in page
    assert page.count("Sign out there") == 1, "one's own desk is left by signing out"


def test_one_place_is_signed_out_and_the_other_stays(both: tuple[Client, Client], naomi: Membership) -> None:
    desk, phone = both
    sockets = [str(phone.session.session_key)]
    assert members_of(sockets)
    desk.post("/settings/sessions/end/", {"name": name_of(phone.session)})
    assert works(desk)
    assert not works(phone)
    assert members_of(sockets) == {}
    with in_center(naomi.center_id):
        assert LogEntry.objects.get(event=Event.SESSION_ENDED).actor_id == naomi.staff_id


def test_all_other_places_are_signed_out_at_once(both: tuple[Client, Client], naomi: Membership) -> None:
    desk, phone = both
    third = signed_in(naomi)
    desk.post("/settings/sessions/end/")
    assert [works(desk), works(phone), works(third)] == [True, False, False]


def test_nobody_ends_the_session_of_another_person(both: tuple[Client, Client], ruth: Membership) -> None:
    _, phone = both
    supervisor = signed_in(ruth)
    answer = supervisor.post("/settings/sessions/end/", {"name": name_of(phone.session)}, follow=True)
    assert "was over already" in answer.content.decode()
    assert works(phone)
    assert "iPhone" not in listed(supervisor)


def test_an_admin_sees_and_ends_anybody_s_but_never_another_center_s(
    both: tuple[Client, Client], adina: Membership, naomi: Membership, mara: Membership
) -> None:
    desk, phone = both
    admin, elsewhere = signed_in(adina), signed_in(mara)
    assert "Safari, iPhone" in listed(admin, f"/staff/{naomi.pk}/sessions/")
    admin.post(f"/staff/{naomi.pk}/sessions/end/", {"name": name_of(elsewhere.session)})
    admin.post(f"/staff/{naomi.pk}/sessions/end/", {"name": name_of(phone.session)})
    assert [works(desk), works(phone), works(elsewhere)] == [True, False, True]
    admin.post(f"/staff/{naomi.pk}/sessions/end/")
    assert not works(desk)
    assert admin.get(f"/staff/{mara.pk}/sessions/").status_code == 404
    with in_center(naomi.center_id):
        assert {entry.actor_id for entry in LogEntry.objects.filter(event=Event.SESSION_ENDED)} == {adina.staff_id}


def test_an_admin_who_signs_herself_out_everywhere_stays_where_she_is(adina: Membership) -> None:
    admin, other = signed_in(adina), signed_in(adina)
    admin.post(f"/staff/{adina.pk}/sessions/end/")
    assert [works(admin), works(other)] == [True, False]


def test_a_person_of_two_centers_is_ended_in_one(center: Center, other_center: Center, adina: Membership) -> None:
    here = employ(center, "Dinah", Role.SPECIALIST)
    with in_center(other_center.pk):
        there = Membership(center=other_center, staff=here.staff, role=Role.SPECIALIST)
        there.save(force_insert=True)
    client = signed_in(here)
    session = client.session
    session["center"] = str(other_center.pk)
    session.save()
    signed_in(adina).post(f"/staff/{here.pk}/sessions/end/")
    assert works(client)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (WINDOWS, "Chrome, Windows"),
        (WINDOWS + " Edg/130.0", "Edge, Windows"),
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox, Mac"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_browser_is_named_by_what_is_known_alone(said: str, name: str) -> None:
    assert browser_name(said) == name
