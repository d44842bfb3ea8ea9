import re
import time
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django_otp.oath import TOTP

from accounts.actions.factors import begin_totp, make_recovery_codes, verify
from accounts.actions.people import LastAdmin, change_password, change_role, end_membership
from accounts.models import Center, Membership, TotpDevice
from accounts.sockets import members_of
from audit.guard import audited
from messaging.models import Conversation, Line
from tenancy.scope import in_center
from tests.cast import PASSWORD
from tests.doors import browser, signed_in, text_in

pytestmark = pytest.mark.django_db


def _code(device: TotpDevice) -> str:
    totp = TOTP(device.key)
    totp.time = time.time()
    return f"{totp.token():06d}"


def _confirmed(member: Membership) -> TotpDevice:
    device = begin_totp(member.staff)
    device.confirmed = True
    device.save()
    return device


def _same(response: Any) -> bytes:
    """What two answers must share: everything but nonces and tokens."""
    return re.sub(rb'(value|nonce|hx-nonce)="[^"]*"', b"", response.content)


def test_the_session_gets_a_new_key_after_each_factor(ruth: Membership) -> None:
    device, client = _confirmed(ruth), browser()
    client.get("/sign-in/", secure=True)
    client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD}, secure=True)
    first = client.session.session_key
    client.post("/sign-in/code/", {"code": _code(device)}, secure=True)
    assert client.session.session_key != first


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(ruth: Membership) -> None:
    wrong = browser().post("/sign-in/", {"email": ruth.staff.email, "password": "x" * 20}, secure=True)
    unknown = browser().post("/sign-in/", {"email": "nobody@example.org", "password": "x" * 20}, secure=True)
    assert wrong.status_code == unknown.status_code == 403
    assert _same(wrong).replace(ruth.staff.email.encode(), b"") == _same(unknown).replace(b"nobody@example.org", b"")


def test_a_code_signs_in_once(ruth: Membership) -> None:
    device = _confirmed(ruth)
    code = _code(device)
    assert verify(ruth.staff, code) is not None
    assert verify(ruth.staff, code) is None


def test_a_recovery_code_signs_in_once(ruth: Membership) -> None:
    code = make_recovery_codes(ruth.staff)[3]
    assert verify(ruth.staff, code.upper()) is not None
    assert verify(ruth.staff, code) is None


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:///x", "evil"],
)
def test_signing_in_leads_nowhere_else(ruth: Membership, wanted: str) -> None:
    device, client = _confirmed(ruth), browser()
    client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD, "next": wanted}, secure=True)
    done = client.post("/sign-in/code/", {"code": _code(device), "next": wanted}, secure=True)
    assert done["Location"] == "/"


def test_signing_in_leads_back_to_where_one_was(ruth: Membership) -> None:
    device, client = _confirmed(ruth), browser()
    client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD}, secure=True)
    done = client.post("/sign-in/code/", {"code": _code(device), "next": "/follow-ups/"}, secure=True)
    assert done["Location"] == "/follow-ups/"


@pytest.mark.parametrize(("minutes", "is_open"), [(9, True), (11, False)])
def test_a_session_left_alone_locks(ruth: Membership, minutes: int, is_open: bool) -> None:
    client = signed_in(ruth)
    with time_machine.travel(time.time() + minutes * 60, tick=True):
        assert (client.get("/").status_code == 200) is is_open


@pytest.mark.parametrize("name", ["inbox-list", "conversation-entries"])
def test_a_page_that_asks_for_news_by_itself_keeps_no_session_open(line: Line, ruth: Membership, name: str) -> None:
    text_in(line, "I need to talk")
    with in_center(line.center_id):
        address = reverse(name, args=[] if name == "inbox-list" else [Conversation.objects.get().pk])
    client, began = signed_in(ruth), time.time()
    for minutes in range(3, 10, 3):
        with time_machine.travel(began + minutes * 60, tick=True):
            assert client.get(address).status_code == 200
    with time_machine.travel(began + 11 * 60, tick=True):
        assert client.get(address).status_code == 302


def test_a_session_ends_after_twelve_hours_however_busy(ruth: Membership) -> None:
    client, began = signed_in(ruth), time.time()
    for step in range(1, 81):
        with time_machine.travel(began + step * 9 * 60, tick=True):
            client.get("/follow-ups/")
    with time_machine.travel(began + 12 * 3600 + 60, tick=True):
        assert client.get("/")["Location"].startswith("/sign-in/")


def test_a_changed_password_ends_every_other_session_and_its_sockets(ruth: Membership) -> None:
    client = signed_in(ruth)
    key = str(client.session.session_key)
    assert key in members_of([key])
    with in_center(ruth.center_id):
        change_password(ruth.staff, "another seven quiet herons")
    assert client.get("/")["Location"].startswith("/sign-in/")
    assert key not in members_of([key])


def test_ended_work_shuts_pages_and_sockets_and_frees_what_was_held(
    line: Line, naomi: Membership, adina: Membership
) -> None:
    text_in(line)
    client = signed_in(naomi)
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
    client.post(f"/conversations/{conversation.pk}/take/")
    key = str(client.session.session_key)
    assert key in members_of([key])
    with in_center(line.center_id):
        assert Conversation.objects.get().assignee_id == naomi.staff_id
        end_membership(naomi, by=adina)
        assert Conversation.objects.get().assignee_id is None
    assert client.get("/")["Location"].startswith("/sign-in/")
    assert key not in members_of([key])


def test_the_last_admin_stays_one(adina: Membership) -> None:
    with in_center(adina.center_id):
        with pytest.raises(LastAdmin):
            change_role(adina, "specialist", by=adina)
        with pytest.raises(LastAdmin):
            end_membership(adina, by=adina)


def test_a_bulk_change_of_roles_without_an_entry_is_refused(center: Center, ruth: Membership) -> None:
    from audit.guard import Unrecorded

    with in_center(center.pk), pytest.raises(Unrecorded), audited():
        Membership.objects.update(role="admin")


def test_cookies_are_for_this_host_alone_and_out_of_reach_of_scripts(ruth: Membership) -> None:
    client = browser()
    client.post("/sign-in/", {"email": ruth.staff.email, "password": PASSWORD}, secure=True)
    cookie = client.cookies["__Host-session"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]


def test_a_form_from_another_site_is_refused(ruth: Membership) -> None:
    client = signed_in(ruth)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert client.post("/settings/", {"name": "x", "language": "en"}, headers=headers).status_code == 403


@pytest.mark.parametrize("change", ["taken away", "not confirmed", "somebody else's", "of a kind that is no more"])
def test_a_session_holds_while_the_factor_that_opened_it_is_hers_and_no_longer(
    ruth: Membership, naomi: Membership, change: str
) -> None:
    client = signed_in(ruth)
    devices = TotpDevice.objects.filter(user=ruth.staff)
    assert client.get("/", secure=True).status_code == 200
    if change == "taken away":
        devices.delete()
    elif change == "not confirmed":
        devices.update(confirmed=False)
    elif change == "somebody else's":
        devices.update(user=naomi.staff)
    else:
        session = client.session
        session["otp_device_id"] = "accounts.pager/1"
        session.save()
    assert client.get("/", secure=True).headers["Location"].startswith("/sign-in/")
