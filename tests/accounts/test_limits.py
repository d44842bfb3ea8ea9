"""Nobody gets in by trying, and nobody is locked out by others (AUTH-06, AUTH-08, AUTH-09)."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

import accounts.tasks  # noqa: F401  # what jobs are for
from accounts.actions import watching
from accounts.actions.attempts import Bucket, TooMany, charge
from accounts.actions.forgetting import forget_what_is_over
from accounts.actions.invitations import invite
from accounts.hashers import EVERYBODY, STRANGERS, Argon2idHasher, Busy, Queue
from accounts.limits import BREAKER, LIMITS, LONGEST_WAIT, Door, Limit
from accounts.models import Attempts, Center, KnownDevice, Membership, Role
from accounts.views import limited
from audit.models import LogEntry
from jobs.models import Job
from jobs.runner import run_due
from tenancy.ids import uuid7
from tenancy.scope import in_platform
from tests.accounts.keys import registered, signs_in
from tests.cast import PASSWORD
from tests.databases import Database
from tests.doors import browser, signed_in

ELSEWHERE, UNKNOWN = "203.0.113.9", "nobody@example.org"
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _cheap_and_new(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords that cost little: what is tested is how many are looked at."""
    monkeypatch.setattr(Argon2idHasher, "memory_cost", 64)
    limited.forget_breaker()
    yield
    limited.forget_breaker()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(time.time(), tick=False) as traveller:
        yield traveller


def at(address: str) -> Client:
    client = browser()
    client.defaults["REMOTE_ADDR"] = address
    return client


def tries(client: Client, email: str, password: str = "x" * 20) -> Any:
    return client.post("/sign-in/", {"email": email, "password": password}, secure=True)


def same(answer: Any) -> bytes:
    return re.sub(rb'(value|nonce|hx-nonce)="[^"]*"', b"", answer.content)


def events(center: Center, event: str) -> int:
    with in_platform():
        return LogEntry.objects.filter(event=event, center_id=center.pk).count()


def everywhere(event: str) -> int:
    with in_platform():
        return LogEntry.objects.filter(event=event).count()


# How long one waits


def test_a_wait_doubles_from_one_second_and_ends_at_a_quarter_of_an_hour() -> None:
    limit, failures, waits = Limit(free=3), [NOON] * 3, []
    while not waits or waits[-1] < LONGEST_WAIT.total_seconds():
        waits.append(limit.wait(failures, NOON).total_seconds())
        failures.append(NOON)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]
    assert limit.wait([NOON] * 500, NOON) == LONGEST_WAIT


@given(st.lists(st.integers(0, 86_400), max_size=120))
def test_within_no_window_of_any_length_more_is_taken_than_a_limit_says(moments: list[int]) -> None:
    limit, taken = LIMITS[Door.CODE], list[datetime]()
    for moment in sorted(moments):
        now = NOON + timedelta(seconds=moment)
        if not limit.wait(taken, now):
            taken.append(now)
    for most, within in limit.windows:
        assert all(sum(now - within < time <= now for time in taken) <= most for now in taken)


def test_no_stranger_can_make_an_account_wait_for_longer_than_a_quarter_of_an_hour() -> None:
    for door in (Door.PASSWORD_HERE, Door.PASSWORD_ACCOUNT, Door.PASSWORD_PLACE, Door.PASSWORD_DEVICE):
        assert LIMITS[door].wait([NOON] * 40, NOON) <= LONGEST_WAIT


# Passwords


@pytest.mark.django_db
def test_failures_in_a_row_make_the_door_wait_longer_and_longer(
    ruth: Membership, clock: time_machine.Traveller
) -> None:
    assert [tries(browser(), ruth.staff.email).status_code for _ in range(4)] == [403, 403, 403, 429]
    for seconds in (1, 2, 4, 8):
        told = tries(browser(), ruth.staff.email)
        assert (told.status_code, told["Retry-After"]) == (429, str(seconds))
        clock.shift(seconds)
        assert tries(browser(), ruth.staff.email).status_code == 403


@pytest.mark.django_db
def test_while_a_door_waits_not_even_the_right_password_is_looked_at(
    ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        tries(browser(), ruth.staff.email)
    monkeypatch.setattr(Argon2idHasher, "verify", lambda *given: pytest.fail("it was looked at"))
    assert tries(browser(), ruth.staff.email, PASSWORD).status_code == 429


@pytest.mark.django_db
def test_a_right_password_ends_the_failures_in_a_row(ruth: Membership, clock: time_machine.Traveller) -> None:
    for _ in range(5):
        for _ in range(3):
            assert tries(browser(), ruth.staff.email).status_code == 403
        clock.shift(1)
        assert tries(browser(), ruth.staff.email, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_an_address_that_nobody_has_waits_in_the_same_words(ruth: Membership) -> None:
    pages = []
    with time_machine.travel(time.time(), tick=False):
        for email in (ruth.staff.email, UNKNOWN):
            for _ in range(4):
                last = tries(browser(), email)
            pages.append((last.status_code, last["Retry-After"], same(last)))
    assert pages[0] == pages[1]
    assert pages[0][0] == 429


@pytest.mark.django_db
def test_the_page_says_when_in_the_readers_language(ruth: Membership) -> None:
    client = browser()
    for _ in range(3):
        tries(client, ruth.staff.email)
    spoken = [
        client.post("/sign-in/", {"email": ruth.staff.email, "password": "x" * 20}, headers={"Accept-Language": code})
        for code in ("en", "es")
    ]
    english, spanish = (answer.content.decode() for answer in spoken)
    assert "Please try again in 1 second" in english
    assert "Inténtelo de nuevo" in spanish


@pytest.mark.django_db
def test_one_place_tries_no_more_than_thirty_passwords_in_five_minutes_whoever_they_are_for(
    ruth: Membership, clock: time_machine.Traveller
) -> None:
    codes = [tries(browser(), f"person{number}@example.org").status_code for number in range(31)]
    assert codes == [403] * 30 + [429]
    assert tries(browser(), ruth.staff.email, PASSWORD).status_code == 429
    assert tries(at(ELSEWHERE), ruth.staff.email, PASSWORD).status_code == 302
    clock.shift(301)
    assert tries(browser(), ruth.staff.email, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_a_household_of_ipv6_addresses_is_one_place(clock: time_machine.Traveller) -> None:
    codes = [tries(at(f"2001:db8:1:2::{number:x}"), f"p{number}@example.org").status_code for number in range(1, 32)]
    assert codes == [403] * 30 + [429]
    assert tries(at("2001:db8:1:3::1"), UNKNOWN).status_code == 403


@pytest.mark.django_db
def test_many_places_together_try_one_account_no_faster(ruth: Membership, clock: time_machine.Traveller) -> None:
    codes = [tries(at(f"198.51.100.{number}"), ruth.staff.email).status_code for number in range(31)]
    assert codes == [403] * 30 + [429]


@pytest.mark.django_db
def test_a_stranger_locks_out_no_colleague(ruth: Membership) -> None:
    """From forty places; on her own desk, at her own place and with a passkey she comes in all the while."""
    key, desk = registered(ruth), signed_in(ruth)
    desk.post("/sign-out/")
    for number in range(40):
        tries(at(f"198.51.100.{number}"), ruth.staff.email)
    for _ in range(4):
        tries(browser(), ruth.staff.email)
    assert tries(at(ELSEWHERE), ruth.staff.email, PASSWORD).status_code == 429, "or this proves nothing"
    assert tries(browser(), ruth.staff.email, PASSWORD).status_code == 429, "or this proves nothing"
    assert tries(desk, ruth.staff.email, PASSWORD).status_code == 302
    assert signs_in(key).status_code == 302


@pytest.mark.django_db
def test_a_desk_that_is_known_as_hers_has_limits_of_its_own(ruth: Membership, clock: time_machine.Traveller) -> None:
    desk = signed_in(ruth)
    assert [tries(desk, ruth.staff.email).status_code for _ in range(4)] == [403, 403, 403, 429]
    assert tries(at(ELSEWHERE), ruth.staff.email, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_a_desk_is_known_as_hers_alone(ruth: Membership, naomi: Membership) -> None:
    desk = signed_in(ruth)
    for _ in range(3):
        tries(browser(), naomi.staff.email)
    assert tries(desk, naomi.staff.email, PASSWORD).status_code == 429


@pytest.mark.django_db
def test_the_cookie_of_a_known_desk_is_signed_random_and_for_this_host_alone(ruth: Membership) -> None:
    cookie = signed_in(ruth).cookies["__Host-device"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Strict")
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", 90 * 86_400)
    assert ruth.staff.pk.hex not in cookie.value
    kept = bytes(KnownDevice.objects.get().digest).hex()
    assert kept not in cookie.value


@pytest.mark.parametrize("change", [lambda value: value[:-1] + ("x" if value[-1] != "x" else "y"), lambda value: ""])
@pytest.mark.django_db
def test_an_altered_cookie_makes_no_desk_known(ruth: Membership, change: Any) -> None:
    desk = signed_in(ruth)
    for _ in range(3):
        tries(browser(), ruth.staff.email)
    desk.cookies["__Host-device"] = change(desk.cookies["__Host-device"].value)
    assert tries(desk, ruth.staff.email, PASSWORD).status_code == 429


@pytest.mark.django_db
def test_a_desk_is_known_for_ninety_days(ruth: Membership) -> None:
    signed_in(ruth)
    with time_machine.travel(time.time() + 89 * 86_400):
        forget_what_is_over()
        assert KnownDevice.objects.exists()
    with time_machine.travel(time.time() + 91 * 86_400):
        forget_what_is_over()
        assert not KnownDevice.objects.exists()


@pytest.mark.django_db
def test_nothing_that_is_counted_says_who_or_where(ruth: Membership) -> None:
    tries(at(ELSEWHERE), ruth.staff.email, "a heron's password")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_attempts")
        kept = str(cursor.fetchall())
    assert "password-place" in kept, "something must be counted, or this proves nothing"
    for told in (ruth.staff.email, ruth.staff.pk.hex, bytes(ruth.staff.email_index).hex(), ELSEWHERE, "heron"):
        assert told not in kept


@pytest.mark.django_db
def test_what_was_counted_is_forgotten_after_a_day(ruth: Membership) -> None:
    tries(browser(), ruth.staff.email)
    with time_machine.travel(time.time() + 86_401):
        run_due()  # what was refused is on the record first
        forget_what_is_over()
    assert not Attempts.objects.exists()


@pytest.mark.django_db
def test_a_refused_try_writes_nothing(ruth: Membership, clock: time_machine.Traveller) -> None:
    for _ in range(3):
        tries(browser(), ruth.staff.email)
    with in_platform():
        before = (LogEntry.objects.count(), list(Attempts.objects.order_by("pk").values()))
    for _ in range(5):
        assert tries(browser(), ruth.staff.email).status_code == 429
    with in_platform():
        assert (LogEntry.objects.count(), list(Attempts.objects.order_by("pk").values())) == before


def test_of_sixteen_tries_at_once_three_are_looked_at(fresh_database: Database) -> None:
    bucket, ready = Bucket(Door.PASSWORD_HERE, ("x", "y")), Barrier(16)

    def use(_: int) -> bool:
        try:
            ready.wait(20)
            charge(bucket)
        except TooMany:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(use, range(16))) == 3


# Codes


@pytest.mark.django_db
def test_a_person_is_asked_for_five_codes_in_five_minutes_and_no_more(
    ruth: Membership, clock: time_machine.Traveller
) -> None:
    def half() -> Client:
        client = at(ELSEWHERE)
        assert tries(client, ruth.staff.email, PASSWORD).status_code == 302
        return client

    def code(client: Client) -> Any:
        return client.post("/sign-in/code/", {"code": "000000"}, secure=True)

    clients = [half() for _ in range(3)]
    answers = []
    for number in range(6):
        answers.append(code(clients[number % 3]).status_code)
        clock.shift(10)
    assert answers == [403] * 5 + [429], "five in all, however many browsers ask"
    for spent in (240, 240):
        clock.shift(spent)
    assert code(clients[0]).status_code == 403


@pytest.mark.parametrize(("most", "within", "pause"), [(20, 3600, 61), (50, 86_400, 181)])
def test_codes_have_a_limit_for_the_hour_and_for_the_day(most: int, within: int, pause: int) -> None:
    limit, now, taken = LIMITS[Door.CODE], NOON, list[datetime]()
    while now < NOON + timedelta(seconds=within):
        if not limit.wait(taken, now):
            taken.append(now)
        now += timedelta(seconds=pause)
    assert len(taken) <= most


@pytest.mark.django_db
def test_whoever_knows_a_password_shuts_nobody_out_of_her_own_desk_by_wrong_codes(ruth: Membership) -> None:
    desk, thief = signed_in(ruth), at(ELSEWHERE)
    tries(thief, ruth.staff.email, PASSWORD)
    for _ in range(9):
        last = thief.post("/sign-in/code/", {"code": "000000"}, secure=True)
    assert last.status_code == 429, "or this proves nothing"
    desk.post("/sign-out/")
    tries(desk, ruth.staff.email, PASSWORD)
    assert desk.post("/sign-in/code/", {"code": "000000"}, secure=True).status_code == 403


@pytest.mark.django_db
def test_a_desk_that_is_asked_for_a_factor_again_takes_so_many_codes_and_no_more(
    ruth: Membership, clock: time_machine.Traveller
) -> None:
    client = signed_in(ruth)
    answers = [client.post("/confirm/", {"code": "000000"}).status_code for _ in range(4)]
    client.post("/lock/")
    clock.shift(1)
    answers += [client.post("/confirm/", {"code": "000000", "why": "locked"}).status_code for _ in range(2)]
    assert answers == [422, 422, 422, 429, 422, 429]


@pytest.mark.django_db
def test_five_wrong_codes_at_a_locked_desk_shut_it_for_minutes_and_are_told(
    ruth: Membership, clock: time_machine.Traveller
) -> None:
    client = signed_in(ruth)
    client.post("/lock/")
    answers = []
    for _ in range(6):
        answers.append(client.post("/confirm/", {"code": "000000", "why": "locked"}).status_code)
        clock.shift(10)
    assert answers == [422] * 5 + [429]
    assert everywhere("locked_out") == 1
    sent = {"code": "000000", "why": "locked", "next": "/follow-ups/"}
    page = client.post("/confirm/", sent).content.decode()
    assert 'href="/confirm/?why=locked&amp;next=%2Ffollow-ups%2F"' in page, "and back leads to where she was"
    run_due()
    assert events(ruth.center, "failures_in_a_row") == 1


@pytest.mark.django_db
def test_ones_present_password_is_not_guessed_at_an_open_desk(ruth: Membership) -> None:
    client, new = signed_in(ruth), "another seven quiet herons"

    def change(current: str) -> int:
        return int(client.post("/settings/password/", {"current": current, "password": new}).status_code)

    assert [change("x" * 20) for _ in range(4)] == [422, 422, 422, 429]
    assert change(PASSWORD) == 429


# What cannot be guessed: it always opens, and what leads nowhere is counted


@pytest.mark.django_db
def test_refused_keys_are_no_more_written_down_after_thirty_and_a_right_one_opens_all_the_same(
    ruth: Membership,
) -> None:
    key = registered(ruth)
    key.verifies = False
    codes = [signs_in(key).status_code for _ in range(32)]
    assert codes == [403] * 30 + [429] * 2
    assert everywhere("passkey_refused") == 30
    key.verifies = True
    assert signs_in(key).status_code == 302


@pytest.mark.django_db
def test_links_that_lead_nowhere_are_no_more_written_down_after_thirty_and_a_right_one_opens(center: Center) -> None:
    link = invite(center, email="noor@example.org", role=Role.SPECIALIST, by=None)
    codes = [browser().get(f"/invitation/{number}/", secure=True).status_code for number in range(32)]
    assert codes == [410] * 30 + [429] * 2
    assert everywhere("invitation_refused") == 30
    assert browser().get(link, secure=True).status_code == 200


@pytest.mark.django_db
def test_addresses_of_pictures_are_not_guessed_without_end() -> None:
    answers = [browser().get(reverse("picture-out", args=[f"guess{number}"]), secure=True) for number in range(31)]
    assert [answer.status_code for answer in answers] == [404] * 30 + [429]
    assert answers[-1].content == b""


# Everything at once


def _failed_everywhere(count: int) -> None:
    now = datetime.now(UTC)
    rows = [Attempts(id=uuid7(), door=Door.PASSWORD_PLACE, times=[now] * 25, last_at=now) for _ in range(count // 25)]
    Attempts.objects.bulk_create(rows)
    limited.forget_breaker()


@pytest.mark.django_db
def test_while_passwords_fail_everywhere_known_desks_and_passkeys_come_in_and_admins_are_told(
    ruth: Membership, adina: Membership, other_center: Center
) -> None:
    key, desk = registered(ruth), signed_in(ruth)
    desk.post("/sign-out/")
    _failed_everywhere(BREAKER[0])
    refused = tries(at(ELSEWHERE), adina.staff.email, PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    assert tries(desk, ruth.staff.email, PASSWORD).status_code == 302
    assert signs_in(key).status_code == 302
    run_due()
    assert (events(adina.center, "strangers_kept_out"), events(other_center, "strangers_kept_out")) == (1, 1)


@pytest.mark.django_db
def test_the_breaker_closes_by_itself(adina: Membership) -> None:
    _failed_everywhere(BREAKER[0])
    assert tries(browser(), adina.staff.email, PASSWORD).status_code == 429
    limited.forget_breaker()
    with time_machine.travel(time.time() + 301):
        assert tries(browser(), adina.staff.email, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_one_failure_less_leaves_the_door_open(adina: Membership) -> None:
    _failed_everywhere(BREAKER[0] - 25)
    assert tries(browser(), adina.staff.email, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_ten_failures_in_a_row_are_told_to_the_center_and_nothing_shows_for_whom(
    ruth: Membership, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limited, "refuse_strangers", lambda: None)  # it looks once a second

    def asked(email: str) -> list[int]:
        counts = []
        for number in range(10):
            with _Counted() as counted:
                assert tries(at(f"198.51.100.{number}"), email).status_code == 403
            counts.append(counted.count)
        return counts

    asked("warm@example.org")
    assert asked(ruth.staff.email) == asked(UNKNOWN)
    run_due()
    assert events(ruth.center, "failures_in_a_row") == 1
    assert everywhere("failures_in_a_row") == 1


@pytest.mark.django_db
def test_wrong_codes_after_a_right_password_are_told_to_the_center(
    ruth: Membership, clock: time_machine.Traveller
) -> None:
    thief = at(ELSEWHERE)
    tries(thief, ruth.staff.email, PASSWORD)
    for _ in range(5):
        assert thief.post("/sign-in/code/", {"code": "000000"}, secure=True).status_code == 403
        clock.shift(10)
    run_due()
    assert events(ruth.center, "failures_in_a_row") == 1


@pytest.mark.django_db
def test_limits_hold_while_valkey_is_away(ruth: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*given: Any, **named: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("redis.connection.Connection.connect", gone)
    assert [tries(browser(), ruth.staff.email).status_code for _ in range(4)] == [403, 403, 403, 429]
    assert tries(at(ELSEWHERE), ruth.staff.email, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_she_and_her_admins_are_told_of_failures_by_mail_once_a_day(
    ruth: Membership, adina: Membership, mara: Membership, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    for _ in range(2):
        watching.tell_of_failures(Bucket(Door.PASSWORD_ACCOUNT, (bytes(ruth.staff.email_index).hex(),)).key)
    told = Job.objects.filter(kind__startswith="tell_").values_list("kind", "subject_id")
    assert set(told) == {("tell_many_failed_tries", ruth.staff_id), ("tell_colleagues_failed_tries", adina.staff_id)}
    assert len(told) == 2


@pytest.mark.django_db
def test_she_is_told_of_a_browser_that_is_one_more(ruth: Membership, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    key, desk = registered(ruth), browser()
    signs_in(key, desk)
    told = Job.objects.filter(kind="tell_new_device", subject_id=ruth.staff_id)
    assert told.count() == 1
    signs_in(key, desk)
    assert told.count() == 1


# Argon2


def test_at_most_four_passwords_are_looked_at_at_once_and_two_of_strangers() -> None:
    def fits(queue: Queue) -> int:
        queue = Queue(queue._turns._initial_value, 0)  # type: ignore[attr-defined]
        turns = []
        with suppress(Busy):
            while True:
                turn = queue.turn()
                turn.__enter__()
                turns.append(turn)
        return len(turns)

    assert (fits(EVERYBODY), fits(STRANGERS)) == (4, 2)


def test_whoever_waits_for_a_turn_waits_for_a_moment_only() -> None:
    queue = Queue(at_once=1, waiting=1, patience=0.05)
    with queue.turn():
        began = time.monotonic()
        with pytest.raises(Busy), queue.turn():
            pass
        assert time.monotonic() - began >= 0.05
    with queue.turn():
        pass


@pytest.mark.django_db
def test_when_too_many_wait_one_is_told_to_come_again_and_it_counts_as_no_try(
    ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Queue(at_once=1, waiting=0)
    with monkeypatch.context() as patched, full.turn():
        patched.setattr(limited, "STRANGERS", full)
        answers = [tries(browser(), ruth.staff.email) for _ in range(5)]
    assert {(answer.status_code, answer["Retry-After"]) for answer in answers} == {(503, "5")}
    assert "try again in a few seconds" in answers[0].content.decode()
    assert tries(browser(), ruth.staff.email, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_known_desks_find_a_turn_while_strangers_fill_theirs(ruth: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, full = signed_in(ruth), Queue(at_once=1, waiting=0)
    monkeypatch.setattr(limited, "STRANGERS", full)
    with full.turn():
        assert tries(browser(), ruth.staff.email, PASSWORD).status_code == 503
        assert tries(desk, ruth.staff.email, PASSWORD).status_code == 302


def test_a_password_is_looked_at_with_no_connection_and_no_lock_held(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.actions.centers import add_center
    from tests.cast import employ

    staff, held = employ(add_center("Busy"), "Rosa", Role.SPECIALIST).staff, []
    look = Argon2idHasher.__mro__[1].verify

    def watched(self: Any, password: str, encoded: str) -> bool:
        held.append(connection.connection)
        return bool(look(self, password, encoded))

    monkeypatch.setattr(Argon2idHasher.__mro__[1], "verify", watched)
    assert tries(browser(), staff.email, PASSWORD).status_code == 302
    assert held == [None]


class _Counted:
    """How many statements were sent."""

    def __enter__(self) -> "_Counted":
        self.count = 0
        self._wrapper = connection.execute_wrapper(self._one_more)
        self._wrapper.__enter__()
        return self

    def _one_more(self, execute: Any, *given: Any) -> Any:
        self.count += 1
        return execute(*given)

    def __exit__(self, *problem: Any) -> None:
        self._wrapper.__exit__(*problem)
