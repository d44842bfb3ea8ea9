import re
import time

import pytest
import time_machine
from django.test import Client
from django_otp.oath import TOTP

from accounts.actions.invitations import invite
from accounts.models import Center, Membership, Passkey, RecoveryCode, RecoverySet, Role, Staff, TotpDevice
from tenancy.scope import in_center
from tests.accounts.keys import is_in, options, signs_in
from tests.authenticator import Authenticator
from tests.doors import browser

pytestmark = pytest.mark.django_db
WORDS = {"name": "Noor Tester", "language": "en"}
PASSWORD = "eleven amber kettles"


def _link(center: Center) -> str:
    return invite(center, email="noor@example.org", role=Role.SPECIALIST, by=None).removeprefix(
        "https://quietline.test"
    )


def test_a_link_leads_to_a_desk(center: Center) -> None:
    client, link = browser(), _link(center)
    assert client.post(link, WORDS, secure=True)["Location"] == "/set-up/password/"
    given = client.post("/set-up/password/", {"password": PASSWORD}, secure=True)
    assert given["Location"] == "/set-up/authenticator/"
    device = TotpDevice.objects.get()
    assert client.get("/set-up/authenticator/", secure=True).status_code == 200
    totp = TOTP(device.key)
    totp.time = time.time()
    wrong = client.post("/set-up/authenticator/", {"code": "000000"}, secure=True)
    assert wrong.status_code == 422
    with time_machine.travel(time.time() + 31, tick=True):
        totp.time = time.time()
        assert client.post("/set-up/authenticator/", {"code": f"{totp.token():06d}"}, secure=True).status_code == 302
        codes = client.post("/set-up/recovery-codes/", {"show": "1"}, secure=True).content.decode()
        assert len(re.findall(r"<code>[0-9a-f-]{23}</code>", codes)) == 10
        assert client.post("/set-up/recovery-codes/", {}, secure=True).status_code == 422
        assert client.post("/set-up/recovery-codes/", {"kept": "on"}, secure=True)["Location"] == "/"
        assert client.get("/", secure=True).status_code == 200


def test_looking_at_the_page_of_recovery_codes_makes_none_and_voids_none(center: Center) -> None:
    client = _begun(center, Role.SPECIALIST, PASSWORD, factor=True)
    for _ in range(2):
        assert "Show my codes" in client.get("/set-up/recovery-codes/").content.decode()
    assert not RecoverySet.objects.exists()
    client.post("/set-up/recovery-codes/", {"show": "1"})
    kept = list(RecoveryCode.objects.values_list("pk", flat=True))
    assert len(kept) == 10
    assert "shown codes before" in client.get("/set-up/recovery-codes/").content.decode()
    assert list(RecoveryCode.objects.values_list("pk", flat=True)) == kept


def test_nobody_goes_in_without_having_been_shown_codes(center: Center) -> None:
    client = _begun(center, Role.SPECIALIST, PASSWORD, factor=True)
    answer = client.post("/set-up/recovery-codes/", {"kept": "on"})
    assert answer.status_code == 422
    assert len(re.findall(r"<code>[0-9a-f-]{23}</code>", answer.content.decode())) == 10
    assert client.get("/").status_code == 302


def test_the_page_behind_a_link_names_no_center(center: Center) -> None:
    page = browser().get(_link(center), secure=True).content.decode()
    assert center.name not in page
    assert center.quiet_name not in page
    assert "noor@" not in page


def test_the_page_behind_a_link_offers_the_language_of_the_browser(center: Center) -> None:
    page = browser().get(_link(center), secure=True, headers={"Accept-Language": "es"}).content.decode()
    assert '<option value="es" selected>' in page


def test_a_used_an_old_and_an_invented_link_get_the_same_page(center: Center) -> None:
    used, old = _link(center), invite(center, email="other@example.org", role=Role.ADMIN, by=None)
    browser().post(used, WORDS, secure=True)
    answers = [browser().get(used, secure=True), browser().get("/invitation/invented/", secure=True)]
    with time_machine.travel(time.time() + 73 * 3600):
        answers.append(browser().get(old.removeprefix("https://quietline.test"), secure=True))
    bodies = {re.sub(rb'nonce="[^"]*"', b"", answer.content) for answer in answers}
    assert {answer.status_code for answer in answers} == {410}
    assert len(bodies) == 1


@pytest.mark.parametrize("password", ["short", "password1234", "Noor Tester is here", "quietline quietline", "x" * 129])
def test_a_weak_password_is_refused_and_nothing_goes_on_from_it(center: Center, password: str) -> None:
    client = browser()
    client.post(_link(center), WORDS, secure=True)
    assert client.post("/set-up/password/", {"password": password}, secure=True).status_code == 422
    assert not Staff.objects.get().has_usable_password()
    assert client.get("/set-up/authenticator/", secure=True)["Location"] == "/sign-in/"
    assert client.get("/set-up/password/", secure=True).status_code == 200


def test_the_second_step_is_shut_to_somebody_who_only_knows_the_password(ruth: Membership) -> None:
    from tests.cast import PASSWORD

    client = browser()
    client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD}, secure=True)
    assert client.get("/set-up/authenticator/", secure=True).status_code == 302
    assert client.get("/set-up/recovery-codes/", secure=True).status_code == 302
    assert not TotpDevice.objects.exists()


def _begun(center: Center, role: Role, password: str, *, factor: bool = False) -> Client:
    """Noor has used her link and chosen a password, and perhaps confirmed her authenticator; then she stopped."""
    client, link = browser(), invite(center, email="noor@example.org", role=role, by=None)
    client.defaults["wsgi.url_scheme"] = "https"
    client.post(link.removeprefix("https://quietline.test"), WORDS)
    client.post("/set-up/password/", {"password": password})
    if factor:
        device = TotpDevice.objects.get()
        device.confirmed = True
        device.save()
    return client


@pytest.mark.parametrize("factor", [True, False])
def test_another_centers_link_cannot_set_up_somebody_anew(center: Center, other_center: Center, factor: bool) -> None:
    _begun(center, Role.ADMIN, PASSWORD, factor=factor)
    before = Staff.objects.get().password
    stranger = _begun(other_center, Role.SPECIALIST, "seven purple lanterns")
    stranger.post("/set-up/recovery-codes/", {"kept": "on"})
    assert stranger.get("/staff/").status_code == 302
    assert Staff.objects.get().password == before


def test_whoever_has_a_factor_already_is_not_set_up_anew_by_a_second_link(center: Center) -> None:
    second = _link(center)
    _begun(center, Role.ADMIN, PASSWORD, factor=True)
    answer = browser().post(second, WORDS, secure=True)
    assert answer["Location"].startswith("/sign-in/")


def test_whoever_stopped_half_way_can_be_given_another_link(center: Center) -> None:
    _begun(center, Role.ADMIN, PASSWORD)
    again = browser().post(_link(center), WORDS, secure=True)
    assert again["Location"] == "/set-up/password/"
    with in_center(center.pk):
        assert Membership.objects.get().role == Role.ADMIN


WITH_PASSKEY = {"name": "Noor Tester", "language": "en", "with_passkey": "1"}


def _with_key(center: Center) -> tuple[Client, Authenticator]:
    """Noor has used her link and made a passkey; the codes are still to come."""
    client, key = browser(), Authenticator()
    client.defaults["wsgi.url_scheme"] = "https"
    assert client.post(_link(center), WITH_PASSKEY)["Location"] == "/set-up/passkey/"
    answer = key.make(options(client, "/set-up/passkey/options/"))
    done = client.post("/set-up/passkey/", {"name": "my phone", "credential": answer})
    assert done["Location"] == "/set-up/recovery-codes/"
    return client, key


def test_a_link_leads_to_a_desk_with_a_passkey_and_without_a_password(center: Center) -> None:
    client, key = _with_key(center)
    assert not is_in(client)
    codes = client.post("/set-up/recovery-codes/", {"show": "1"}).content.decode()
    assert len(re.findall(r"<code>[0-9a-f-]{23}</code>", codes)) == 10
    assert client.post("/set-up/recovery-codes/", {"kept": "on"})["Location"] == "/"
    assert is_in(client)
    assert not Staff.objects.get().has_usable_password()
    assert signs_in(key).status_code == 302
    page = client.get("/settings/").content.decode()
    assert "You have one way to sign in" in page
    assert "/settings/password/" not in page


def test_whoever_has_a_passkey_already_is_not_set_up_anew_by_a_second_link(
    center: Center, other_center: Center
) -> None:
    second, elsewhere = _link(center), _link(other_center)
    _with_key(center)
    for link in (second, elsewhere):
        for words in (WITH_PASSKEY, {**WORDS, "password": "seven purple lanterns"}):
            assert browser().post(link, words, secure=True)["Location"].startswith("/sign-in/")
    assert Passkey.objects.count() == 1
    assert not Staff.objects.get().has_usable_password()


def test_no_password_signs_in_whoever_has_none(center: Center) -> None:
    _with_key(center)
    for password in ("", "x" * 20, Staff.objects.get().password):
        client = browser()
        client.post("/sign-in/", {"email": "noor@example.org", "password": password}, secure=True)
        assert "_auth_user_id" not in client.session


def test_whoever_has_no_device_for_a_passkey_takes_a_password_after_all(center: Center) -> None:
    client = browser()
    client.defaults["wsgi.url_scheme"] = "https"
    client.post(_link(center), WITH_PASSKEY)
    assert client.post("/set-up/password/", {"password": "short"}).status_code == 422
    assert client.post("/set-up/password/", {"password": PASSWORD})["Location"] == "/set-up/authenticator/"
    assert client.get("/set-up/authenticator/").status_code == 200
    assert not is_in(client)


def test_whoever_gives_no_name_keeps_her_link(center: Center) -> None:
    client, link = browser(), _link(center)
    assert client.post(link, {**WORDS, "name": ""}, secure=True).status_code == 422
    assert not Staff.objects.exists()
    assert client.get(link, secure=True).status_code == 200


def test_a_way_of_signing_in_is_set_up_in_the_invitations_session_alone(center: Center, ruth: Membership) -> None:
    from tests.cast import PASSWORD

    half = browser()
    half.defaults["wsgi.url_scheme"] = "https"
    half.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD})
    for client in (half, browser()):
        client.defaults["wsgi.url_scheme"] = "https"
        assert client.post("/set-up/passkey/options/").status_code == 401
        for path in ("/set-up/passkey/", "/set-up/password/"):
            assert client.post(path, {"password": PASSWORD})["Location"] == "/sign-in/"
    assert not Passkey.objects.exists()
