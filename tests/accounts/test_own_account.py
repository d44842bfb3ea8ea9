"""Two ways of signing in, and codes for a bad day: every page says kindly what is missing; it can be added later."""

import base64
import re
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp.oath import TOTP

from accounts.actions.factors import begin_totp, make_recovery_codes
from accounts.models import Membership, RecoveryCode, TotpDevice
from accounts.own_account import own_account_of
from tenancy.scope import in_center
from tests.accounts.keys import is_in, registered, signs_in
from tests.accounts.test_telling import told
from tests.doors import browser, signed_in

pytestmark = pytest.mark.django_db
ONE_WAY = "You have one way to sign in"
DOOR = "/settings/authenticator/"
NEW = "nine loud otters swim"


def with_a_passkey_alone(member: Membership) -> Client:
    """A browser of somebody who came with a passkey and has neither password nor app."""
    key = registered(member)
    member.staff.set_unusable_password()
    member.staff.save()
    TotpDevice.objects.filter(user=member.staff).delete()
    client = browser()
    signs_in(key, client)
    client.defaults["wsgi.url_scheme"] = "https"
    return client


def key_in(page: Any) -> bytes:
    found = re.search(r'id="totp-key">([A-Z2-7 ]+)<', page.content.decode())
    assert found
    return base64.b32decode(found[1].replace(" ", ""))


def code_of(key: bytes, later: int = 0) -> str:
    totp = TOTP(key)
    totp.time = time.time() + later
    return f"{totp.token():06d}"


def test_with_one_way_every_page_says_so_and_with_two_it_is_quiet(ruth: Membership) -> None:
    client = signed_in(ruth)
    make_recovery_codes(ruth.staff)
    for path in ("/", "/follow-ups/", "/settings/"):
        assert ONE_WAY in client.get(path).content.decode()
    registered(ruth)
    for path in ("/", "/follow-ups/", "/settings/"):
        assert ONE_WAY not in signed_in(ruth).get(path).content.decode()


@pytest.mark.parametrize(("left", "is_said"), [(0, True), (3, True), (4, False)])
def test_few_codes_are_said_and_enough_are_not(ruth: Membership, left: int, is_said: bool) -> None:
    registered(ruth)
    make_recovery_codes(ruth.staff)
    spent = RecoveryCode.objects.values_list("pk", flat=True)[: 10 - left]
    RecoveryCode.objects.filter(pk__in=list(spent)).update(used_at="2026-11-01T00:00Z")
    page = signed_in(ruth).get("/follow-ups/").content.decode()
    assert ("Make new ones</a>" in page) is is_said


def test_it_costs_one_question(ruth: Membership) -> None:
    with in_center(ruth.center_id), CaptureQueriesContext(connection) as asked:
        own_account_of(ruth)
    assert len(asked) == 1


def test_whoever_has_a_passkey_alone_adds_a_password_and_an_app(ruth: Membership, settings: Any) -> None:
    client = with_a_passkey_alone(ruth)
    settings.EMAIL_HOST = "127.0.0.1"
    page = client.post(DOOR)
    assert page.status_code == 200
    done = client.post(DOOR, {"password": NEW, "code": code_of(key_in(page))})
    assert done["Location"] == "/settings/"
    assert is_in(client), "her own session goes on"
    assert told(ruth) == ["factor_added", "password_changed"]
    other = browser()
    assert other.post("/sign-in/", {"email": ruth.staff.email, "password": NEW}, secure=True).status_code == 302
    code = code_of(TotpDevice.objects.get(user=ruth.staff).key, later=30)
    assert other.post("/sign-in/code/", {"code": code}, secure=True).status_code == 302
    assert is_in(other)


@pytest.mark.parametrize(("password", "code"), [("short", None), ("", None), (NEW, "000000"), (NEW, "")])
def test_a_bad_password_or_code_keeps_nothing(ruth: Membership, password: str, code: str | None) -> None:
    client = with_a_passkey_alone(ruth)
    key = key_in(client.post(DOOR))
    answer = client.post(DOOR, {"password": password, "code": code_of(key) if code is None else code})
    assert answer.status_code == 422
    assert key_in(answer) == key, "the same picture, so that the app's entry still fits"
    ruth.staff.refresh_from_db()
    assert not ruth.staff.has_usable_password()
    assert not TotpDevice.objects.filter(confirmed=True).exists()


def test_another_app_takes_the_place_of_the_old_one_and_the_session_goes_on(ruth: Membership) -> None:
    client = signed_in(ruth)
    elsewhere = signed_in(ruth)
    client.post(DOOR, {"code": code_of(key_in(client.post(DOOR)))})
    assert TotpDevice.objects.filter(user=ruth.staff).count() == 1
    assert is_in(client)
    assert not is_in(elsewhere), "what the old app had opened ends"


def test_it_asks_for_a_fresh_factor_and_a_look_makes_nothing(ruth: Membership) -> None:
    client = signed_in(ruth)
    before = TotpDevice.objects.count()
    assert client.get(DOOR).status_code == 405
    session = client.session
    session["proved_at"] -= 11 * 60
    session.save()
    assert client.post(DOOR)["Location"].startswith("/confirm/?why=sign-in")
    assert TotpDevice.objects.count() == before


def test_nobody_confirms_an_app_that_waits_for_somebody_else(ruth: Membership, naomi: Membership) -> None:
    hers = begin_totp(naomi.staff)
    answer = signed_in(ruth).post(DOOR, {"code": code_of(hers.key)})
    assert answer["Location"] == "/settings/"
    hers.refresh_from_db()
    assert not hers.confirmed


def test_an_empty_form_for_a_new_password_is_answered_with_what_is_missing(naomi: Membership) -> None:
    answer = signed_in(naomi).post("/settings/password/", {})
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()
