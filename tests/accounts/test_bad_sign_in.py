"""Bad input at the doors of signing in: late, altered, foreign, doubled, planted."""

import ast
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django_otp.oath import TOTP

from accounts.actions.centers import add_center
from accounts.actions.factors import begin_totp, make_recovery_codes
from accounts.actions.invitations import invite
from accounts.hashers import Argon2idHasher
from accounts.limits import LIMITS, Door, Limit
from accounts.models import Attempts, Center, Membership, Role, Staff, TotpDevice
from tests.accounts.keys import SIGN_IN, is_in, options, registered
from tests.cast import PASSWORD, employ
from tests.databases import Database
from tests.doors import browser, signed_in

ROOT = Path(__file__).resolve().parents[2]
CLOCK = "the clock of your phone may be wrong"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2idHasher, "memory_cost", 64)


def authenticator(staff: Staff) -> TotpDevice:
    device = begin_totp(staff)
    device.confirmed = True
    device.save()
    return device


def code_at(device: TotpDevice, seconds: float) -> str:
    """What an authenticator shows whose clock is so many seconds fast."""
    totp = TOTP(device.key)
    totp.time = time.time() + seconds
    return f"{totp.token():06d}"


def half_signed_in(staff: Staff) -> Client:
    client = browser()
    answer = client.post("/sign-in/", {"email": staff.email, "password": PASSWORD}, secure=True)
    assert answer.status_code == 302
    return client


def gives(client: Client, code: str) -> Any:
    return client.post("/sign-in/code/", {"code": code}, secure=True)


@pytest.mark.parametrize(
    ("seconds", "status", "hinted"),
    [(0, 302, False), (30, 302, False), (-30, 302, False), (90, 403, True), (-90, 403, True), (150, 403, True),
     (-150, 403, True), (240, 403, False), (-240, 403, False)],
)  # fmt: skip
@pytest.mark.django_db
def test_a_clock_that_is_off_is_named_and_lets_nobody_in(
    ruth: Membership, seconds: int, status: int, hinted: bool
) -> None:
    device, client = authenticator(ruth.staff), half_signed_in(ruth.staff)
    answer = gives(client, code_at(device, seconds))
    assert (answer.status_code, CLOCK in answer.content.decode()) == (status, hinted)
    assert is_in(client) is (status == 302)


@pytest.mark.django_db
def test_a_wrong_a_used_and_a_colleagues_code_say_nothing_of_clocks(ruth: Membership, naomi: Membership) -> None:
    device, other = authenticator(ruth.staff), authenticator(naomi.staff)
    used = code_at(device, 0)
    assert gives(half_signed_in(ruth.staff), used).status_code == 302
    for code in ("000000", used, code_at(other, 90), "\uff11\uff12\uff13\uff14\uff15\uff16", "12345", "x" * 40):
        answer = gives(half_signed_in(ruth.staff), code)
        assert (answer.status_code, CLOCK in answer.content.decode()) in ((403, False), (429, False))


@pytest.mark.django_db
def test_a_locked_desk_names_a_clock_that_is_off_too(ruth: Membership) -> None:
    client = signed_in(ruth)
    client.post("/lock/")
    device = ruth.staff.totpdevice_set.get(confirmed=True)
    answer = client.post("/confirm/", {"code": code_at(device, 90), "why": "locked"})
    assert answer.status_code == 422
    assert CLOCK in answer.content.decode()


@pytest.mark.django_db
def test_a_colleagues_recovery_code_signs_nobody_in(ruth: Membership, naomi: Membership) -> None:
    code = make_recovery_codes(naomi.staff)[0]
    client = half_signed_in(ruth.staff)
    assert gives(client, code).status_code == 403
    assert not is_in(client)
    assert gives(half_signed_in(naomi.staff), code).status_code == 302


def test_of_thirty_two_uses_of_one_recovery_code_at_once_one_signs_in(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, Door.CODE, Limit(((100, timedelta(minutes=5)),)))  # the code alone must decide
    staff = employ(add_center("Race"), "Rosa", Role.SPECIALIST).staff
    code = make_recovery_codes(staff)[0]
    clients = [half_signed_in(staff) for _ in range(32)]

    def use(client: Client) -> int:
        try:
            return int(gives(client, code).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:  # no more than there are connections
        answers = sorted(pool.map(use, clients))
    assert answers == [302, *[403] * 31]
    assert sum(is_in(client) for client in clients) == 1


@pytest.mark.django_db
def test_of_many_codes_at_once_no_more_are_looked_at_than_the_limit_says(ruth: Membership) -> None:
    clients = [half_signed_in(ruth.staff) for _ in range(8)]
    with time_machine.travel(time.time(), tick=False):
        assert [gives(client, "000000").status_code for client in clients] == [403] * 3 + [429] * 5


@pytest.mark.django_db
def test_a_planted_session_is_not_the_one_she_works_in(ruth: Membership, naomi: Membership) -> None:
    """Somebody gives her browser a session that he knows, half signed in as himself."""
    device, planter = authenticator(ruth.staff), half_signed_in(naomi.staff)
    known = planter.cookies["__Host-session"].value
    victim = browser()
    victim.cookies["__Host-session"] = known
    victim.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD}, secure=True)
    assert gives(victim, code_at(device, 0)).status_code == 302
    assert is_in(victim)
    assert victim.cookies["__Host-session"].value != known
    assert not is_in(planter)
    assert "_auth_user_id" not in planter.session


@pytest.mark.parametrize("invented", ["a" * 32, "0" * 32, "../../x", "", "a" * 4000])
@pytest.mark.django_db
def test_an_invented_session_is_never_taken_up(ruth: Membership, invented: str) -> None:
    device, client = authenticator(ruth.staff), browser()
    client.cookies["__Host-session"] = invented
    client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD}, secure=True)
    assert gives(client, code_at(device, 0)).status_code == 302
    assert client.cookies["__Host-session"].value != invented


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"]
)
@pytest.mark.django_db
def test_a_passkey_leads_nowhere_else(ruth: Membership, wanted: str) -> None:
    key, client = registered(ruth), browser()
    answer = key.prove(options(client, SIGN_IN + "options/"))
    done = client.post(SIGN_IN, {"credential": answer, "next": wanted}, secure=True)
    assert done["Location"] == "/"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sign-in/", {"email": "a@example.org", "password": PASSWORD}),
        ("/sign-in/code/", {"code": "000000"}),
        ("/sign-in/passkey/", {"credential": "{}"}),
        ("/sign-in/passkey/options/", {}),
        ("/sign-out/", {}),
        ("/invitation/x/", {"name": "x"}),
        ("/recovery/x/", {"with_passkey": "1"}),
        ("/set-up/password/", {"password": PASSWORD}),
        ("/set-up/recovery-codes/", {"show": "1"}),
    ],
)
@pytest.mark.django_db
def test_another_sites_form_is_refused_at_every_door_and_counts_as_no_try(path: str, fields: dict[str, str]) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert browser().post(path, fields, headers=headers, secure=True).status_code == 403
    without_token = Client(headers={"Host": "quietline.test"}, enforce_csrf_checks=True)
    assert without_token.post(path, fields, secure=True).status_code == 403
    assert not Attempts.objects.exists()


@pytest.mark.django_db
def test_an_altered_link_opens_nothing(center: Center) -> None:
    link = invite(center, email="noor@example.org", role=Role.SPECIALIST, by=None)
    secret = link.rstrip("/").rsplit("/", 1)[1]
    for altered in (secret[:-1], secret + "A", secret.swapcase(), secret[1:] + secret[0], "A" * len(secret)):
        assert browser().get(f"/invitation/{altered}/", secure=True).status_code == 410
    assert browser().get(link, secure=True).status_code == 200


def test_codes_are_looked_at_by_the_one_function_that_locks_their_row() -> None:
    """`device.verify_token()` would let one code through twice at the same moment (E2)."""
    calls = [
        node.func
        for room in ("accounts", "config", "messaging")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "verify_token"
    ]
    assert {ast.unparse(call) for call in calls} == {"django_otp.verify_token"}
