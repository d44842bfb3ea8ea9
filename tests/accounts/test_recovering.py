"""Lost every way of signing in: nobody stands outside for ever, and nobody is let in silently (AUTH-14, AUTH-16)."""

import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.actions import recovering
from accounts.actions.recovering import RecoveryOver, RecoveryRefused, find_linked
from accounts.models import Center, Membership, Recovery, Role, Staff
from accounts.models.recovery import RecoveryState
from accounts.sockets import members_of
from audit.guard import audited
from audit.models import LogEntry
from audit.sealing import LogStopped
from jobs.models import Job
from tenancy.scope import in_center, in_platform
from tests.accounts.keys import is_in, registered, signs_in
from tests.authenticator import Authenticator
from tests.cast import PASSWORD, employ
from tests.doors import browser, signed_in

pytestmark = pytest.mark.django_db
REASON = "lost her phone, came by with her key ring"
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _the_log_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever travels in time leaves entries behind that nobody has numbered."""
    monkeypatch.setattr(recovering, "refuse_while_the_log_stands_still", lambda: None)


@pytest.fixture
def second(center: Center) -> Membership:
    return long_here(employ(center, "Berta", Role.ADMIN))


def long_here(member: Membership) -> Membership:
    """Somebody who began well before whatever the test opens."""
    with in_center(member.center_id), audited():
        member.started_at = timezone.now() - timedelta(days=2)
        member.save(update_fields=["started_at"])
    return member


@contextmanager
def after(seconds: float) -> Iterator[None]:
    with time_machine.travel(time.time() + seconds, tick=True):
        yield


def opened(admin: Membership, colleague: Membership, client: Client | None = None) -> Recovery:
    client = client or signed_in(admin)
    answer = client.post(f"/staff/{colleague.pk}/recovery/", {"reason": REASON})
    assert answer["Location"] == "/staff/"
    return recovery()


def recovery() -> Recovery:
    with in_platform():
        return Recovery.objects.latest("opened_at")


def link_in(answer: Any) -> str:
    assert answer.status_code == 201, answer.status_code
    found = re.search(r'id="recovery-link">([^<]+)<', answer.content.decode())
    assert found
    return urlsplit(found[1]).path


def kinds_told(member: Membership) -> list[str]:
    """What somebody hears by mail, but that her browser is a new one: here every browser is."""
    with in_platform():
        told = Job.objects.filter(kind__startswith="tell_", subject_id=member.staff_id)
        mine = told.exclude(kind="tell_new_device").order_by("created_at")
        return [job.kind.removeprefix("tell_") for job in mine]


def events(center: Center) -> list[str]:
    with in_platform():
        mine = LogEntry.objects.filter(center_id=center.pk, event__startswith="recovery_").order_by("id")
        return list(mine.values_list("event", flat=True))


def test_from_the_loss_to_the_desk_after_a_day(
    center: Center, adina: Membership, naomi: Membership, settings: Any
) -> None:
    settings.EMAIL_HOST = "127.0.0.1"
    old_key, old_desk = registered(naomi), signed_in(naomi)
    row = opened(adina, naomi)
    assert kinds_told(naomi)[-1] == "recovery_asked"
    client = signed_in(adina)
    assert client.post(f"/staff/recoveries/{row.pk}/link/").status_code == 302, "not before the day is over"
    with after(DAY + 60):
        link = link_in(signed_in(adina).post(f"/staff/recoveries/{row.pk}/link/"))
        page = browser().get(link, secure=True).content.decode()
        assert "Welcome back" in page
        assert not any(word in page for word in ("Naomi", "naomi", "Harbor", "Adina"))
        assert signs_in(old_key).status_code == 302, "looking at the link changes nothing"
        new = browser()
        assert new.post(link, {"with_passkey": "1"}, secure=True)["Location"] == "/set-up/passkey/"
        assert signs_in(old_key).status_code == 403
        assert not is_in(old_desk)
        asked = new.post("/set-up/passkey/options/", secure=True).json()
        key = Authenticator()
        new.post("/set-up/passkey/", {"name": "new", "credential": key.make(asked)}, secure=True)
        new.post("/set-up/recovery-codes/", {"show": "1"}, secure=True)
        assert new.post("/set-up/recovery-codes/", {"kept": "on"}, secure=True)["Location"] == "/"
        assert is_in(new)
        assert browser().post(link, secure=True).status_code == 410, "once"
    assert kinds_told(naomi)[-3:] == ["recovery_link_made", "recovery_used", "account_ready"]
    wanted = ["recovery_opened", "recovery_link_made", "recovery_used"]
    assert events(center) == wanted


def test_a_second_admin_waives_the_day_and_neither_the_first_nor_the_person_can(
    center: Center, adina: Membership, second: Membership, settings: Any
) -> None:
    settings.EMAIL_HOST = "127.0.0.1"
    third = long_here(employ(center, "Clara", Role.ADMIN))
    row = opened(adina, second)
    for member in (adina, second):
        signed_in(member).post(f"/staff/recoveries/{row.pk}/agree/")
        assert recovery().state == RecoveryState.WAITING
    signed_in(third).post(f"/staff/recoveries/{row.pk}/agree/")
    assert recovery().agreed_by_id == third.staff_id
    signed_in(second).post(f"/staff/recoveries/{row.pk}/link/")
    assert recovery().link_hash is None, "nobody makes a link to her own account"
    assert link_in(signed_in(adina).post(f"/staff/recoveries/{row.pk}/link/")).startswith("/recovery/")
    assert kinds_told(second) == ["recovery_asked", "recovery_agreed", "recovery_link_made"]
    assert kinds_told(adina) == ["colleagues_recovery_agreed"]
    assert kinds_told(third) == ["colleagues_recovery_asked"]


def test_she_sees_it_on_every_page_and_cancels_it_without_being_asked_again(
    center: Center, adina: Membership, naomi: Membership
) -> None:
    row = opened(adina, naomi)
    client = signed_in(naomi)
    session = client.session
    session["proved_at"] -= DAY / 24
    session.save()
    for path in ("/", "/settings/", "/follow-ups/"):
        assert "says that you have lost every way of signing in" in client.get(path).content.decode()
    assert REASON not in client.get("/settings/").content.decode(), "what an admin wrote is for admins"
    assert client.post("/settings/recovery/cancel/")["Location"] == "/settings/"
    assert recovery().state == RecoveryState.CANCELLED
    assert "says that you have lost" not in client.get("/").content.decode()
    with after(DAY + 60):
        signed_in(adina).post(f"/staff/recoveries/{row.pk}/link/")
    assert recovery().link_hash is None
    with in_center(center.pk):
        entry = LogEntry.objects.get(event="recovery_cancelled")
        assert entry.actor_id == naomi.staff_id


def test_nobody_else_sees_the_banner_and_all_admins_see_the_row(
    adina: Membership, second: Membership, naomi: Membership, ruth: Membership
) -> None:
    opened(adina, naomi)
    assert "says that you have lost" not in signed_in(ruth).get("/").content.decode()
    for admin in (adina, second):
        page = signed_in(admin).get("/staff/").content.decode()
        assert REASON in page
        assert "Waits until a second admin agrees" in page
    assert "/agree/" in page
    assert "/agree/" not in signed_in(adina).get("/staff/").content.decode(), "whoever opened it is not offered it"


def test_any_admin_cancels(adina: Membership, second: Membership, naomi: Membership) -> None:
    row = opened(adina, naomi)
    signed_in(second).post(f"/staff/recoveries/{row.pk}/cancel/")
    assert recovery().state == RecoveryState.CANCELLED
    assert recovery().cancelled_by_id == second.staff_id


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "\x00"])
def test_without_a_reason_nothing_is_opened(adina: Membership, naomi: Membership, reason: str) -> None:
    answer = signed_in(adina).post(f"/staff/{naomi.pk}/recovery/", {"reason": reason})
    assert answer.status_code == 422
    with in_platform():
        assert not Recovery.objects.exists()


def test_the_reason_rests_sealed(adina: Membership, naomi: Membership) -> None:
    opened(adina, naomi)
    with in_platform(), connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM accounts_recovery")
        assert b"phone" not in bytes(cursor.fetchone()[0])


def test_nobody_opens_one_for_herself_nor_a_second_one(
    adina: Membership, second: Membership, naomi: Membership
) -> None:
    client = signed_in(adina)
    client.post(f"/staff/{adina.pk}/recovery/", {"reason": REASON})
    opened(adina, naomi, client)
    signed_in(second).post(f"/staff/{naomi.pk}/recovery/", {"reason": REASON})
    with in_platform():
        assert [row.staff_id for row in Recovery.objects.all()] == [naomi.staff_id]


def test_admins_of_one_place_do_not_open_an_account_that_opens_another(
    adina: Membership, naomi: Membership, other_center: Center
) -> None:
    with in_center(other_center.pk):
        Membership.objects.create(center=other_center, staff=naomi.staff, role=Role.ADMIN)
    page = signed_in(adina).post(f"/staff/{naomi.pk}/recovery/", {"reason": REASON}, follow=True).content.decode()
    assert "bin/manage recover_admin" in page
    with in_platform():
        assert not Recovery.objects.exists()


def test_a_link_opens_nothing_once_she_works_elsewhere_too_or_no_longer_here(
    center: Center, adina: Membership, second: Membership, naomi: Membership, other_center: Center
) -> None:
    row = opened(adina, naomi)
    signed_in(second).post(f"/staff/recoveries/{row.pk}/agree/")
    link = link_in(signed_in(adina).post(f"/staff/recoveries/{row.pk}/link/"))
    with in_center(other_center.pk):
        there = Membership.objects.create(center=other_center, staff=naomi.staff, role=Role.SPECIALIST)
    assert browser().post(link, secure=True).status_code == 410
    with in_center(other_center.pk):
        there.ended_at = timezone.now()
        there.save()
    assert browser().get(link, secure=True).status_code == 200
    with in_center(center.pk):
        naomi.ended_at = timezone.now()
        naomi.save()
    assert browser().post(link, secure=True).status_code == 410


def test_a_link_holds_for_half_an_hour_and_a_new_one_takes_its_place(
    adina: Membership, second: Membership, naomi: Membership
) -> None:
    row = opened(adina, naomi)
    signed_in(second).post(f"/staff/recoveries/{row.pk}/agree/")
    client = signed_in(adina)
    first, last = (link_in(client.post(f"/staff/recoveries/{row.pk}/link/")) for _ in range(2))
    assert browser().get(first, secure=True).status_code == 410
    with after(29 * 60):
        assert browser().get(last, secure=True).status_code == 200
    with after(31 * 60):
        assert browser().get(last, secure=True).status_code == 410


@pytest.mark.parametrize("wrong", ["nothing", "x" * 300, "%00", "..", "%F0%9F%98%80"])
def test_a_wrong_link_says_what_an_old_one_says(naomi: Membership, wrong: str) -> None:
    answer = browser().get(f"/recovery/{wrong}/", secure=True)
    assert answer.status_code in (404, 410)
    if answer.status_code == 410:
        assert "This link is over" in answer.content.decode()
    with in_platform():
        assert LogEntry.objects.filter(event="recovery_refused").exists() is (answer.status_code == 410)


def test_the_link_begins_a_session_of_its_own(adina: Membership, second: Membership, naomi: Membership) -> None:
    row = opened(adina, naomi)
    signed_in(second).post(f"/staff/recoveries/{row.pk}/agree/")
    client = signed_in(adina)
    link = link_in(client.post(f"/staff/recoveries/{row.pk}/link/"))
    before = client.session.session_key
    client.post(link, {"with_passkey": "1"})
    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(naomi.staff_id)
    assert not is_in(client), "half way in is not in"


def test_sockets_and_half_signed_in_browsers_end_with_the_use(
    adina: Membership, second: Membership, naomi: Membership
) -> None:
    desk, half = signed_in(naomi), browser()
    half.post("/sign-in/", {"email": naomi.staff.email, "password": PASSWORD}, secure=True)
    key = str(desk.session.session_key)
    assert key in members_of([key])
    row = opened(adina, naomi)
    signed_in(second).post(f"/staff/recoveries/{row.pk}/agree/")
    browser().post(link_in(signed_in(adina).post(f"/staff/recoveries/{row.pk}/link/")), secure=True)
    assert key not in members_of([key])
    assert not is_in(desk)
    assert half.get("/sign-in/code/", secure=True)["Location"] == "/sign-in/"


def test_whoever_stopped_half_way_is_invited_again(adina: Membership, second: Membership, naomi: Membership) -> None:
    row = opened(adina, naomi)
    signed_in(second).post(f"/staff/recoveries/{row.pk}/agree/")
    client = signed_in(adina)
    browser().post(link_in(client.post(f"/staff/recoveries/{row.pk}/link/")), secure=True)
    again = client.post("/staff/invitations/", {"email": naomi.staff.email, "role": "specialist"})
    assert again.status_code == 201


# What each act makes of each state; every act that is not named leaves it as it is and is refused.
STATES = ("waiting", "agreed", "due", "linked", "link over", "used", "cancelled", "lapsed")
DONE: dict[tuple[str, str], RecoveryState] = {
    ("waiting", "agree"): RecoveryState.READY,
    **{(state, "cancel"): RecoveryState.CANCELLED for state in ("waiting", "agreed", "due", "linked", "link over")},
    **{(state, "link"): RecoveryState.LINKED for state in ("agreed", "due", "linked", "link over")},
    ("linked", "use"): RecoveryState.USED,
}


def _in_state(state: str, colleague: Membership, second: Membership) -> Recovery:
    now = timezone.now()
    due_at = {"due": now, "lapsed": now - timedelta(hours=73)}.get(state, now + timedelta(hours=20))
    row = Recovery.objects.create(center_id=colleague.center_id, staff=colleague.staff, reason=REASON, due_at=due_at)
    if state in ("agreed", "linked", "link over", "used"):
        row.agreed_by, row.agreed_at = second.staff, now
    if state in ("linked", "link over", "used"):
        row.link_hash = recovering._hash("the secret")
        row.link_until = now + timedelta(minutes=-1 if state == "link over" else 10)
    if state == "used":
        row.used_at = now
    if state == "cancelled":
        row.cancelled_at = now
    row.save()
    return row


def _act(name: str, row: Recovery, by: Membership) -> None:
    if name == "use":
        recovering.use(find_linked("the secret"))
    else:
        acts: dict[str, Callable[..., object]] = {
            "agree": recovering.agree,
            "cancel": recovering.cancel,
            "link": recovering.make_link,
        }
        acts[name](row, by=by)


@pytest.mark.parametrize(("state", "act"), list(itertools.product(STATES, ("agree", "cancel", "link", "use"))))
def test_every_act_in_every_state(
    adina: Membership, second: Membership, naomi: Membership, state: str, act: str
) -> None:
    with in_center(naomi.center_id):
        row = _in_state(state, naomi, second)
        before = row.state
        expected = DONE.get((state, act))
        if expected:
            _act(act, row, long_here(adina))
        else:
            with pytest.raises((RecoveryRefused, RecoveryOver)), transaction.atomic():
                _act(act, row, adina)
        row.refresh_from_db()
        assert row.state == (expected or before)


@pytest.mark.parametrize("state", STATES)
def test_another_one_can_be_opened_exactly_when_the_last_is_over(
    adina: Membership, second: Membership, naomi: Membership, state: str
) -> None:
    is_over = state in ("used", "cancelled", "lapsed")
    with in_center(naomi.center_id):
        _in_state(state, naomi, second)
        if is_over:
            recovering.open_recovery(naomi, by=adina, reason=REASON)
        else:
            with pytest.raises(RecoveryRefused), transaction.atomic():
                recovering.open_recovery(naomi, by=adina, reason=REASON)
        assert Recovery.objects.count() == 1 + is_over


def _console(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("recover_admin", *arguments)
    return urlsplit(capsys.readouterr().out.strip()).path


def test_the_console_lets_the_last_admin_in_at_once_for_an_hour_and_everybody_hears(
    center: Center, adina: Membership, second: Membership, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_HOST = "127.0.0.1"
    link = _console(adina.staff.email, "--reason", REASON, capsys=capsys)
    with after(59 * 60):
        assert browser().get(link, secure=True).status_code == 200
    with after(61 * 60):
        assert browser().get(link, secure=True).status_code == 410
    assert kinds_told(adina) == ["recovery_by_console"]
    assert kinds_told(second) == ["colleagues_recovery_by_console"]
    assert "Opened on the server" in signed_in(second).get("/staff/").content.decode()
    assert "IMPORTANT: the account of Adina Tester" in signed_in(second).get("/log/").content.decode()
    assert browser().post(link, secure=True)["Location"] == "/set-up/password/"


def test_the_console_says_it_at_the_highest_severity_and_names_nobody(
    adina: Membership, caplog: pytest.LogCaptureFixture
) -> None:
    call_command("recover_admin", adina.staff.email, "--reason", REASON)
    said = [str(entry.msg) for entry in caplog.records if entry.levelname == "CRITICAL"]
    assert len(said) == 1
    assert str(adina.staff_id) in said[0]
    assert REASON not in said[0]
    assert adina.staff.email not in said[0]


def test_the_console_works_without_mail_and_without_valkey(
    adina: Membership, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_HOST, settings.VALKEY_URL = "", "redis://127.0.0.1:1/0"
    assert _console(adina.staff.email, "--reason", REASON, capsys=capsys).startswith("/recovery/")


def test_the_console_takes_the_place_of_what_was_under_way(
    adina: Membership, naomi: Membership, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(adina, naomi)
    _console(naomi.staff.email, "--reason", REASON, capsys=capsys)
    with in_platform():
        states = [row.state for row in Recovery.objects.filter(staff=naomi.staff).order_by("opened_at")]
    assert states == [RecoveryState.CANCELLED, RecoveryState.LINKED]


def test_whoever_works_in_several_places_comes_back_by_the_console(
    naomi: Membership, other_center: Center, capsys: pytest.CaptureFixture[str]
) -> None:
    with in_center(other_center.pk):
        Membership.objects.create(center=other_center, staff=naomi.staff, role=Role.SPECIALIST)
    link = _console(naomi.staff.email, "--reason", REASON, capsys=capsys)
    assert browser().get(link, secure=True).status_code == 200


@pytest.mark.parametrize("given", [("nobody@example.org", "--reason", REASON), ("{}", "--reason", " "), ("{}",)])
def test_the_console_refuses_in_a_sentence(adina: Membership, given: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("recover_admin", *(part.format(adina.staff.email) for part in given))
    with in_platform():
        assert not Recovery.objects.exists()


def test_while_the_log_stands_still_only_cancelling_and_the_console_go_on(
    adina: Membership, second: Membership, naomi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = opened(adina, naomi)

    def stopped() -> None:
        raise LogStopped

    monkeypatch.setattr(recovering, "refuse_while_the_log_stands_still", stopped)
    page = signed_in(second).post(f"/staff/recoveries/{row.pk}/agree/", follow=True).content.decode()
    assert "The log is not being sealed" in page
    assert recovery().state == RecoveryState.WAITING
    signed_in(second).post(f"/staff/recoveries/{row.pk}/cancel/")
    assert recovery().state == RecoveryState.CANCELLED
    call_command("recover_admin", naomi.staff.email, "--reason", REASON)
    assert recovery().state == RecoveryState.LINKED


def test_with_one_admin_the_page_says_so_and_names_the_command(adina: Membership, center: Center) -> None:
    assert "bin/manage recover_admin" in signed_in(adina).get("/staff/").content.decode()
    employ(center, "Berta", Role.ADMIN)
    assert "bin/manage recover_admin" not in signed_in(adina).get("/staff/").content.decode()
    assert Staff.objects.count() == 2
