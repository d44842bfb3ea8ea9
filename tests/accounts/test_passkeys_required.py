"""Admins and auditors come in with a passkey alone where a center asks for it; nobody is locked out by it (AUTH-02)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import people
from accounts.actions.factors import make_recovery_codes
from accounts.models import Center, Membership, Passkey, Role
from accounts.roles import ADDING_A_PASSKEY, BEFORE_A_PASSKEY, NEEDS
from accounts.sockets import members_of
from audit.models import LogEntry
from tenancy.scope import in_center
from tests.accounts.keys import is_in, options, registered, signs_in
from tests.accounts.test_gate import GUARDED, address
from tests.authenticator import Authenticator
from tests.cast import PASSWORD, employ
from tests.doors import browser, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(center: Center) -> Center:
    """A center that asks for passkeys since a while."""
    with in_center(center.pk):
        center.passkeys_from = timezone.now() - timedelta(minutes=1)
        center.save(update_fields=["passkeys_from"])
    return center


@pytest.fixture(autouse=True)
def _the_log_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "refuse_while_the_log_stands_still", lambda: None)


def from_when(center: Center) -> datetime | None:
    with in_center(center.pk):
        return Center.objects.get(pk=center.pk).passkeys_from


def leads_to_adding(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"] == "/settings/passkeys/"


def leads_to_confirming(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/confirm/?why=passkey")


def add_a_key(client: Client) -> Any:
    made = Authenticator().make(options(client, "/settings/passkeys/options/"))
    return client.post("/settings/passkeys/", {"name": "my phone", "credential": made})


def test_an_admin_without_a_passkey_adds_one_and_goes_on(asked: Center, adina: Membership) -> None:
    client = signed_in(adina)
    assert leads_to_adding(client.get("/"))
    assert "Your role here comes in with a passkey alone" in client.get("/settings/passkeys/").content.decode()
    assert add_a_key(client)["Location"] == "/settings/"
    assert is_in(client), "the key that was just made is what the session rests on"
    assert client.get("/staff/").status_code == 200


def test_an_auditor_is_asked_too_and_others_are_not(asked: Center, ruth: Membership, naomi: Membership) -> None:
    auditor = employ(asked, "Odile", Role.AUDITOR)
    assert leads_to_adding(signed_in(auditor).get("/log/"))
    assert is_in(signed_in(ruth))
    assert is_in(signed_in(naomi))


def test_until_then_nothing_else_opens(asked: Center, adina: Membership) -> None:
    client, opened = signed_in(adina), set()
    for pattern in (one for one in GUARDED if one.name != "lock"):  # it would cover all that follows
        for answer in (client.get(address(pattern)), client.post(address(pattern), {"x": "y"})):
            if not leads_to_adding(answer):
                opened.add(str(pattern.name))
    assert opened | {"lock"} == BEFORE_A_PASSKEY | ADDING_A_PASSKEY
    assert opened < set(NEEDS)


def test_a_code_is_not_enough_for_whoever_has_a_passkey_and_lets_her_add_none(asked: Center, adina: Membership) -> None:
    key = registered_before(asked, adina)
    client = signed_in(adina)
    for path in ("/", "/staff/", "/settings/passkeys/"):
        assert leads_to_confirming(client.get(path))
    page = client.get("/confirm/?why=passkey&next=/staff/").content.decode()
    assert "Confirm with a passkey" in page
    assert 'name="code"' not in page
    answer = key.prove(options(client, "/confirm/passkey/options/"))
    assert client.post("/confirm/passkey/", {"credential": answer, "next": "/"})["Location"] == "/"
    assert is_in(client)


def registered_before(center: Center, member: Membership) -> Authenticator:
    """A key that she had added before the center asked for it."""
    since = center.passkeys_from
    with in_center(center.pk):
        center.passkeys_from = None
        center.save(update_fields=["passkeys_from"])
    key = registered(member)
    with in_center(center.pk):
        center.passkeys_from = since
        center.save(update_fields=["passkeys_from"])
    return key


def test_a_passkey_alone_signs_in_as_always(asked: Center, adina: Membership) -> None:
    client = browser()
    signs_in(registered_before(asked, adina), client)
    assert is_in(client)


def test_whoever_lost_it_comes_in_by_a_recovery_code_and_adds_another(asked: Center, adina: Membership) -> None:
    registered_before(asked, adina)
    code, client = make_recovery_codes(adina.staff)[0], browser()
    client.post("/sign-in/", {"email": adina.staff.email, "password": PASSWORD}, secure=True)
    client.post("/sign-in/code/", {"code": code}, secure=True)
    client.defaults["wsgi.url_scheme"] = "https"
    assert leads_to_adding(client.get("/"))
    add_a_key(client)
    assert is_in(client)


def test_a_socket_opens_no_sooner_than_the_pages(asked: Center, adina: Membership) -> None:
    client = signed_in(adina)
    key = str(client.session.session_key)
    assert key not in members_of([key])
    add_a_key(client)
    key = str(client.session.session_key)
    assert key in members_of([key])


def test_a_new_center_asks_after_thirty_days_and_says_so_before(center: Center, adina: Membership) -> None:
    assert center.passkeys_from is not None
    days = (center.passkeys_from - timezone.now()).days
    assert days in (29, 30)
    client = signed_in(adina)
    assert "From this day on your role here needs a passkey" in client.get("/").content.decode()
    assert "From this day on they come in with a passkey alone" in client.get("/staff/").content.decode()


def test_the_switch_is_an_admins_with_a_passkey_of_her_own_and_on_the_record(center: Center, adina: Membership) -> None:
    client = signed_in(adina)
    page = client.post("/staff/passkeys/", {"require": "now"}, follow=True).content.decode()
    assert "Add a passkey of your own first" in page
    key = registered(adina)
    client = browser()
    signs_in(key, client)
    client.defaults["wsgi.url_scheme"] = "https"
    client.post("/staff/passkeys/", {"require": "now"})
    assert (from_when(center) or timezone.now() + timedelta(days=1)) <= timezone.now()
    assert is_in(client)
    client.post("/staff/passkeys/", {"require": "never"})
    assert from_when(center) is None
    with in_center(center.pk):
        said = LogEntry.objects.filter(event="center_changed", facts__setting="passkeys").order_by("id")
        assert [entry.facts["after"] for entry in said] == ["required", "free"]


@pytest.mark.parametrize("require", ["", "later", "NOW", "\x00"])
def test_an_odd_answer_changes_nothing(center: Center, adina: Membership, require: str) -> None:
    before = center.passkeys_from
    assert signed_in(adina).post("/staff/passkeys/", {"require": require})["Location"] == "/staff/"
    assert from_when(center) == before


def test_the_last_admin_is_never_locked_out(asked: Center, adina: Membership) -> None:
    """Whatever she has, there is a way: a key to add, a key to give, or a code that leads to adding one."""
    client = signed_in(adina)
    assert leads_to_adding(client.get("/"))
    Passkey.objects.create(user=adina.staff, name="shut", credential_id=b"1", public_key=b"2", confirmed=False)
    assert leads_to_adding(signed_in(adina).get("/")), "a key that is shut counts for nothing"
