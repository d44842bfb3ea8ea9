"""Two at the same moment: with real commits, in a database of the test's own."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from threading import Event as Flag
from time import sleep
from typing import Any

import django_otp
import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.actions import people, suspending
from accounts.actions.centers import add_center
from accounts.actions.factors import begin_totp, make_recovery_codes
from accounts.actions.invitations import InvitationOver, accept, find_open, invite
from accounts.actions.passkeys import LastWay, remove
from accounts.actions.people import LastAdmin, MayNoLonger, change_role
from accounts.actions.suspending import resume, suspend
from accounts.hashers import Argon2idHasher
from accounts.models import Center, Membership, Passkey, Role, Staff
from audit.context import Actor, acting
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.assignment import WorksHereNoLonger, assign
from messaging.actions.later import keep_for_later, leave
from messaging.actions.lines import add_line
from messaging.models import Conversation, Held, LaterText
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.accounts.keys import SIGN_IN, options, registered
from tests.authenticator import Authenticator
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.doors import browser, signed_in, text_in, with_a_way

WORDS = {"name": "Noor Tester", "language": "en"}


@pytest.mark.parametrize("kind", ["authenticator", "recovery"])
def test_of_fifty_uses_of_one_code_at_once_one_passes(fresh_database: Database, kind: str) -> None:
    staff = employ(add_center("Race"), "Rosa", Role.SPECIALIST).staff
    if kind == "recovery":
        code = make_recovery_codes(staff)[0]
        device: Any = staff.recoveryset_set.get()
    else:
        device = begin_totp(staff)
        totp = TOTP(device.key)
        totp.time = time.time()
        code = f"{totp.token():06d}"

    def use(_: int) -> bool:
        try:
            return django_otp.verify_token(staff, device.persistent_id, code) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:  # no more than there are connections
        assert sum(pool.map(use, range(50))) == 1


def test_of_thirty_two_uses_of_one_link_at_once_one_wins(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Argon2idHasher, "memory_cost", 64)  # nobody waits for her turn for long
    link = invite(add_center("Race"), email="noor@example.org", role=Role.SPECIALIST, by=None)
    invitation = find_open(link.rstrip("/").rsplit("/", 1)[1])

    def use(number: int) -> bool:
        try:
            accept(invitation, **{**WORDS, "name": f"Noor {number}"})
        except InvitationOver:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(32))) == 1
    assert Staff.objects.count() == 1


def test_of_two_admins_who_end_each_others_role_at_once_one_stays(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "refuse_while_the_log_stands_still", lambda: None)
    center, both_have_looked = add_center("Race"), Barrier(2)
    pair = [with_a_way(employ(center, name, Role.ADMIN)) for name in ("Anna", "Berta")]
    look = people.keep_an_admin

    def look_and_wait(row: Membership) -> None:
        look(row)
        with suppress(BrokenBarrierError):
            both_have_looked.wait(timeout=1)

    def demote(membership: Membership) -> None:
        with suppress(LastAdmin), acting(Actor.command("test")), in_center(center.pk):
            change_role(membership, Role.SPECIALIST, by=membership)
        connections.close_all()

    monkeypatch.setattr(people, "keep_an_admin", look_and_wait)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(demote, pair))
    with in_center(center.pk):
        assert Membership.objects.filter(role=Role.ADMIN).count() == 1


def test_of_eight_answers_to_one_challenge_at_once_one_signs_in(fresh_database: Database) -> None:
    member = employ(add_center("Race"), "Rosa", Role.SPECIALIST)
    key = registered(member, Authenticator(counter=None))
    asker = browser()
    answer = key.prove(options(asker, SIGN_IN + "options/"))
    name, ready = "__Host-challenge-sign-in", Barrier(8)
    cookie = asker.cookies[name].value

    def use(_: int) -> int:
        client = browser()
        client.cookies[name] = cookie
        with suppress(BrokenBarrierError):
            ready.wait(10)
        try:
            return int(client.post(SIGN_IN, {"credential": answer}, secure=True).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(use, range(8))) == [302, *[403] * 7]


def test_of_two_removals_at_once_one_key_stays(fresh_database: Database) -> None:
    staff = employ(add_center("Race"), "Rosa", Role.SPECIALIST).staff
    keys = [Passkey.objects.create(user=staff, name="key", credential_id=bytes([number])) for number in range(2)]
    ready = Barrier(2)

    def take_away(passkey: Passkey) -> bool:
        try:
            ready.wait(10)
            remove(passkey)
        except LastWay:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take_away, keys)) == [False, True]
    assert Passkey.objects.count() == 1


@pytest.fixture
def _log_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspending, "refuse_while_the_log_stands_still", lambda: None)
    monkeypatch.setattr(suspending, "seal_before_the_answer", lambda entry: None)


def at_once(center: Center, *acts: Any) -> list[Any]:
    def run(act: Any) -> Any:
        try:
            with acting(Actor.command("test")), in_center(center.pk):
                return act()
        except (LastAdmin, MayNoLonger) as refusal:
            return type(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.usefixtures("_log_is_sealed")
def test_of_admins_who_suspend_each_other_at_once_one_stays(fresh_database: Database) -> None:
    center = add_center("Race")
    anna, berta, clara = (with_a_way(employ(center, name, Role.ADMIN)) for name in ("Anna", "Berta", "Clara"))
    circle = [(anna, berta), (berta, clara), (clara, anna)]
    answers = at_once(center, *[lambda who=who, by=by: suspend(who, by=by) for who, by in circle])
    with in_center(center.pk):
        left = Membership.objects.current().filter(role=Role.ADMIN).count()
    assert left >= 1
    assert answers.count(True) == 3 - left
    assert set(answers) <= {True, MayNoLonger, LastAdmin}


@pytest.mark.usefixtures("_log_is_sealed")
def test_of_eight_who_suspend_and_take_up_at_once_the_log_tells_each_once(fresh_database: Database) -> None:
    center = add_center("Race")
    admin, other = employ(center, "Anna", Role.ADMIN), employ(center, "Rosa", Role.SPECIALIST)
    assert at_once(center, *[lambda: suspend(other, by=admin)] * 8).count(True) == 1
    assert at_once(center, *[lambda: resume(other, by=admin)] * 8).count(True) == 1
    with in_center(center.pk):
        events = [Event.STAFF_SUSPENDED, Event.STAFF_RESUMED]
        told = LogEntry.objects.filter(event__in=events).order_by("timestamp", "id").values_list("event", flat=True)
        assert list(told) == events


@pytest.mark.usefixtures("_log_is_sealed")
def test_a_conversation_given_to_somebody_in_the_moment_she_is_suspended_is_not_hers(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    center, all_is_back = add_center("Race"), Flag()
    admin, naomi = with_a_way(employ(center, "Anna", Role.ADMIN)), employ(center, "Naomi", Role.SPECIALIST)
    text_in(add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN))

    def say_so_and_wait(member: Membership) -> None:
        all_is_back.set()
        sleep(0.7)

    def give() -> Any:
        assert all_is_back.wait(5)
        try:
            assign(Conversation.objects.get(), to=naomi, by=admin)
        except WorksHereNoLonger as refusal:
            return type(refusal)

    monkeypatch.setattr(suspending, "sign_out_everywhere", say_so_and_wait)
    assert at_once(center, lambda: suspend(naomi, by=admin), give) == [True, WorksHereNoLonger]
    with in_center(center.pk):
        assert Conversation.objects.get().assignee_id is None


@pytest.mark.usefixtures("_log_is_sealed")
def test_a_later_text_and_the_suspension_of_its_writer_do_not_wait_for_each_other(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    center, she_is_held = add_center("Race"), Flag()
    admin, naomi = with_a_way(employ(center, "Anna", Role.ADMIN)), employ(center, "Naomi", Role.SPECIALIST)
    text_in(add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN))
    with acting(Actor.staff(naomi.staff_id)), in_center(center.pk):
        row = Conversation.objects.get()
        opens = timezone.now().astimezone(center.zone).replace(hour=12) + timedelta(days=1)
        words = {"body": "See you", "leaves_at": opens, "last_sequence": row.sequence, "client_key": uuid7()}
        later = keep_for_later(row, by=naomi, **words)

    def say_so_and_wait(*given: Any) -> None:
        she_is_held.set()
        sleep(0.7)

    def leave_it() -> None:
        assert she_is_held.wait(5)
        with time_machine.travel(opens, tick=False):
            leave(center.pk, later.pk)

    monkeypatch.setattr(suspending, "tell", say_so_and_wait)
    assert at_once(center, lambda: suspend(naomi, by=admin), leave_it) == [True, None]
    with in_center(center.pk):
        assert LaterText.objects.get().held_because == Held.WRITER_GONE


def test_of_thirty_two_who_take_one_conversation_at_once_one_holds_it_and_the_others_hear_who(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Argon2idHasher, "memory_cost", 64)
    center = add_center("Race")
    text_in(add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN))
    desks = [signed_in(employ(center, f"Person{number}", Role.SUPERVISOR)) for number in range(32)]
    with in_center(center.pk):
        path = f"/conversations/{Conversation.objects.get().pk}/"

    def take(desk: Client) -> str:
        try:
            return str(desk.post(f"{path}take/", follow=True).content.decode())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(take, desks))
    assert sum("already holds this conversation" in page for page in pages) == 31
    with in_center(center.pk):
        assert LogEntry.objects.filter(event=Event.TAKEN).count() == 1
        assert Conversation.objects.get().assignee is not None
