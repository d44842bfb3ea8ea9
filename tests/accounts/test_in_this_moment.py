"""What is decided goes by who may decide it when it is written, not by who might when the page was asked for."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import middleware, sessions
from accounts.actions import center_access, factors, invitations, people, recovering, shifts
from accounts.actions.invitations import invite
from accounts.actions.people import LastAdmin, end_membership
from accounts.actions.suspending import suspend
from accounts.limits import LIMITS, Door
from accounts.models import Center, Membership, Recovery, RecoveryCode, Role, Roster
from accounts.session_store import SessionStore
from accounts.timetable import Hours, Span
from audit.events import Event
from audit.guard import audited
from audit.models import LogEntry
from jobs.runner import run_due
from messaging import consumers
from messaging.actions import assignment
from messaging.actions.assignment import WorksHereNoLonger
from messaging.consumers import (
    LOOK_AGAIN_EVERY,
    LOOK_TAKES,
    TRY_AGAIN_LATER,
    UNCHECKED_MOST,
    BellConsumer,
    Switchboard,
)
from messaging.models import Conversation, FollowUp, Line
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.cast import PASSWORD, employ
from tests.doors import browser, signed_in, text_in, with_a_way

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
NOTHING = Hours({}, {})
ALWAYS = Hours({day: [Span(time(0), time(0))] for day in range(7)}, {})

# Everything that an admin changes about people and who comes in: the address, and what is sent there.
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "role": ("/staff/{pk}/role/", {"role": "supervisor"}),
    "end": ("/staff/{pk}/end/", {}),
    "extend": ("/staff/{pk}/extend/", {"longer": "15"}),
    "suspend": ("/staff/{pk}/suspend/", {}),
    "recover": ("/staff/{pk}/recovery/", {"reason": "lost her phone"}),
    "access": ("/settings/access/", {"idle_minutes": "7", "networks": ""}),
    "invite": ("/staff/invitations/", {"email": "heron@example.org", "role": "specialist"}),
}


def _rows(center: Center) -> Any:
    with in_center(center.pk):
        center.refresh_from_db()
        people_here = list(Membership.objects.exclude(role=Role.ADMIN).values_list("role", "ended_at", "suspended_at"))
        rosters = list(Roster.objects.values_list("extended_until", flat=True))
        return people_here, rosters, center.idle_minutes, center.invitations.count(), Recovery.objects.count()


@pytest.mark.parametrize("act", ACTS)
def test_an_admin_who_is_suspended_while_she_asks_changes_nothing(
    center: Center, adina: Membership, naomi: Membership, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    with in_center(center.pk):
        shifts.set_hours(naomi, NOTHING, by=adina)
    path, fields = ACTS[act]
    client, before, hold = signed_in(adina), _rows(center), people.hold

    def suspended_first(by: Membership) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_membership SET suspended_at = now() WHERE id = %s", [by.pk])
        hold(by)

    for room in (people, center_access, invitations, recovering):
        monkeypatch.setattr(room, "hold", suspended_first)
    assert client.post(path.format(pk=naomi.pk), fields).status_code == 403
    monkeypatch.undo()
    assert _rows(center) == before
    assert client.post(path.format(pk=naomi.pk), fields).status_code in (201, 302), "or this proves nothing"
    assert _rows(center) != before


def test_whoever_is_given_a_conversation_and_left_is_said_by_the_page(
    adina: Membership, naomi: Membership, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_in(line)
    with in_center(line.center_id):
        row = Conversation.objects.get()

    def nobody(member: Membership) -> None:
        raise WorksHereNoLonger

    monkeypatch.setattr(assignment, "hold", nobody)
    answer = signed_in(adina).post(f"/conversations/{row.pk}/assign/", {"to": str(naomi.pk)}, follow=True)
    assert "This person cannot take it any more" in answer.content.decode()


def test_an_admin_who_was_let_in_less_than_a_day_before_a_recovery_is_no_second_one(
    center: Center, adina: Membership, naomi: Membership
) -> None:
    older, newer = (with_a_way(employ(center, name, Role.ADMIN)) for name in ("Berta", "Clara"))
    with connection.cursor() as cursor, in_center(center.pk):
        cursor.execute(
            "UPDATE accounts_membership SET started_at = now() - interval '25 hours' WHERE id = %s", [older.pk]
        )
    signed_in(adina).post(f"/staff/{naomi.pk}/recovery/", {"reason": "lost her phone"})
    with in_center(center.pk):
        recovery = Recovery.objects.get()
    answer = signed_in(newer).post(f"/staff/recoveries/{recovery.pk}/agree/", follow=True)
    assert "who worked here a day before it was opened" in answer.content.decode()
    with in_center(center.pk):
        assert Recovery.objects.get().agreed_at is None
    signed_in(older).post(f"/staff/recoveries/{recovery.pk}/agree/")
    with in_center(center.pk):
        assert Recovery.objects.get().agreed_at is not None


# Longer hours


@pytest.fixture
def bound(naomi: Membership, adina: Membership) -> Membership:
    with in_center(naomi.center_id):
        shifts.set_hours(naomi, NOTHING, by=adina)
    return naomi


def _until(member: Membership) -> Any:
    with in_center(member.center_id):
        return Roster.objects.get(membership=member).extended_until


def test_however_often_somebodys_hours_are_made_longer_they_end_within_a_day(
    adina: Membership, bound: Membership
) -> None:
    client = signed_in(adina)
    for _ in range(40):
        client.post(f"/staff/{bound.pk}/extend/", {"longer": "60"})
    assert timedelta(hours=23) < _until(bound) - timezone.now() <= timedelta(days=1)


def test_new_hours_take_away_what_was_given_on_top_of_the_old_ones(adina: Membership, bound: Membership) -> None:
    signed_in(adina).post(f"/staff/{bound.pk}/extend/", {"longer": "60"})
    assert _until(bound) is not None
    with in_center(bound.center_id):
        shifts.set_hours(bound, NOTHING, by=adina)
    assert _until(bound) is None


def test_whoever_makes_her_own_hours_longer_proves_herself_first(adina: Membership, center: Center) -> None:
    with_a_way(employ(center, "Berta", Role.ADMIN))
    with in_center(center.pk):
        shifts.set_hours(adina, ALWAYS, by=adina)
    client = signed_in(adina)
    with time_machine.travel(timezone.now() + timedelta(minutes=9), tick=False):
        assert client.get("/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=12), tick=False):
        answer = client.post(f"/staff/{adina.pk}/extend/", {"longer": "60"})
    assert answer["Location"].startswith("/confirm/?why=staff")
    assert _until(adina) is None


# Sessions


def test_a_lock_that_was_set_while_a_request_was_under_way_holds() -> None:
    first = SessionStore()
    first["x"] = 1
    first.save()
    slow, locking = SessionStore(first.session_key), SessionStore(first.session_key)
    slow["x"] = 2
    sessions.lock(locking)
    locking.save()
    slow.save()
    kept = SessionStore(first.session_key)
    assert sessions.LOCKED in kept
    assert kept["x"] == 2
    sessions.prove_anew(kept)
    kept.save()
    assert sessions.LOCKED not in SessionStore(kept.session_key), "a factor opens it"


def test_a_session_that_was_ended_while_a_request_was_under_way_stays_ended() -> None:
    first = SessionStore()
    first["x"] = 1
    first.save()
    slow = SessionStore(first.session_key)
    slow["x"] = 2
    first.delete()
    with pytest.raises(UpdateError):
        slow.save()
    assert not SessionStore().exists(slow.session_key or "")


def test_with_somebodys_work_her_sessions_end(adina: Membership, naomi: Membership) -> None:
    client = signed_in(naomi)
    key = str(client.session.session_key)
    assert SessionStore().exists(key)
    with in_center(naomi.center_id):
        end_membership(naomi, by=adina)
    assert not SessionStore().exists(key)


def test_a_locked_desk_takes_no_invitation(ruth: Membership, other_center: Center) -> None:
    client = signed_in(ruth)
    link = invite(other_center, email=ruth.staff.email, role=Role.SPECIALIST, by=None)
    path = "/" + link.split("/", 3)[3]
    session = client.session
    sessions.lock(session)
    session.save()
    assert client.post(path)["Location"].startswith("/sign-in/?next=")
    with in_center(other_center.pk):
        assert not Membership.objects.filter(staff=ruth.staff, center=other_center).exists()


# Coming in


def test_whoever_is_suspended_keeps_her_recovery_codes(adina: Membership, naomi: Membership) -> None:
    with_a_way(naomi)
    with in_platform():
        codes = factors.make_recovery_codes(naomi.staff)
    with in_center(naomi.center_id):
        suspend(naomi, by=adina)
    client = browser()
    client.post("/sign-in/", {"email": naomi.staff.email, "password": PASSWORD}, secure=True)
    assert client.post("/sign-in/code/", {"code": codes[0]}, secure=True).status_code == 403
    with in_platform():
        assert not RecoveryCode.objects.exclude(used_at=None).exists()


def test_an_admin_who_cannot_sign_in_is_not_the_one_who_stays(center: Center, adina: Membership) -> None:
    second = employ(center, "Berta", Role.ADMIN)
    with in_center(center.pk):
        with pytest.raises(LastAdmin):
            end_membership(adina, by=adina)
        with_a_way(second)
        end_membership(adina, by=adina)


@pytest.mark.parametrize("rate", [1, 25, 29])
def test_a_stranger_who_fails_on_and_on_writes_an_entry_every_five_minutes_with_the_count(rate: int) -> None:
    """At any rate nothing is left out: the entries add up to what was refused."""
    begins = NOON
    for minutes in range(0, 30, 5):
        with time_machine.travel(begins + timedelta(minutes=minutes), tick=False):
            for number in range(rate):
                _guess(browser(), number)
    with time_machine.travel(begins + timedelta(minutes=31), tick=False):
        run_due()
    told = _refused()
    assert sum(told) == 6 * rate
    assert len(told) <= 6


def test_many_places_write_no_more_entries_than_one() -> None:
    with time_machine.travel(NOON, tick=False):
        for number in range(20):
            client = browser()
            client.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
            _guess(client, number)
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        run_due()
    assert _refused() == [20]


def test_a_provider_who_gives_one_customer_many_networks_gives_no_more_tries() -> None:
    """65,536 households in one /48: each is a place of its own, and all together are one customer."""
    most = LIMITS[Door.PASSWORD_SITE].windows[0][0]
    with time_machine.travel(NOON, tick=False):
        answers = []
        for number in range(most + 1):
            client = browser()
            client.defaults["REMOTE_ADDR"] = f"2001:db8:7:{number:x}::1"
            answers.append(_guess(client, number))
        assert answers == [403] * most + [429]
        client.defaults["REMOTE_ADDR"] = "2001:db8:8::1"
        assert _guess(client, 0) == 403


def _guess(client: Any, number: int) -> int:
    wrong = {"email": f"nobody{number}@example.org", "password": "a wrong one"}
    return int(client.post("/sign-in/", wrong, secure=True).status_code)


def _refused() -> list[int]:
    with in_platform():
        refused = LogEntry.objects.filter(event=Event.SIGN_IN_PASSWORD_REFUSED).order_by("timestamp")
        return [int(entry.facts["tries"]) for entry in refused]


def test_a_right_code_of_somebody_who_is_suspended_costs_the_same_work_and_is_not_used_up(
    adina: Membership, naomi: Membership
) -> None:
    """Neither the answer nor how long it takes says that the code would have been right elsewhere."""
    codes = factors.make_recovery_codes(naomi.staff)

    def statements(*, opens: bool) -> int:
        with CaptureQueriesContext(connection) as queries:
            factors.verify(naomi.staff, codes[int(opens)], opens=opens)
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]])

    assert statements(opens=False) == statements(opens=True)
    with in_platform():
        assert RecoveryCode.objects.exclude(used_at=None).count() == 1


def test_a_session_does_not_live_on_under_another_key_once_it_was_ended() -> None:
    """Proving oneself anew, and going to another center, give it a new key."""
    here = _stored()
    elsewhere = SessionStore(here.session_key)
    elsewhere["seen"] = True
    here.delete()
    with pytest.raises(SessionInterrupted):
        sessions.prove_anew(elsewhere)
    assert not SessionStore.get_model_class().objects.exists()


def test_a_lock_that_was_set_meanwhile_goes_along_to_another_center() -> None:
    here = _stored()
    moving = SessionStore(here.session_key)
    moving["seen"] = True
    sessions.lock(here)
    here.save()
    sessions.move(moving, uuid7())
    moving.save()
    assert sessions.LOCKED in SessionStore(moving.session_key)


def test_a_factor_takes_the_lock_off_that_it_was_given_for() -> None:
    here = _stored()
    sessions.lock(here)
    here.save()
    proving = SessionStore(here.session_key)
    sessions.prove_anew(proving)
    proving.save()
    assert sessions.LOCKED not in SessionStore(proving.session_key)


def _stored() -> SessionStore:
    session = SessionStore()
    session["seen"] = False
    session.create()
    return session


@pytest.mark.parametrize(
    ("act", "fields"),
    [("take", {}), ("follow-ups", {"due_at": "2027-12-01T10:00"})],
)
def test_nobody_takes_or_promises_while_she_is_suspended(
    naomi: Membership, line: Line, monkeypatch: pytest.MonkeyPatch, act: str, fields: dict[str, str]
) -> None:
    text_in(line, "hello")
    client = signed_in(naomi)
    _loses(naomi, monkeypatch)
    with in_center(line.center_id):
        row = Conversation.objects.get()
    assert client.post(f"/conversations/{row.pk}/{act}/", fields).status_code == 403
    with in_center(line.center_id):
        assert Conversation.objects.get().assignee is None
        assert not FollowUp.objects.exclude(owner=None).exists()


def test_an_admin_who_is_suspended_returns_nothing_of_others(
    adina: Membership, naomi: Membership, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_in(line, "hello")
    with in_center(line.center_id):
        assignment.take(Conversation.objects.get(), by=naomi)
    client = signed_in(adina)
    _loses(adina, monkeypatch)
    assert client.post(f"/staff/{naomi.pk}/return/").status_code == 403
    with in_center(line.center_id):
        assert Conversation.objects.get().assignee_id == naomi.staff_id


def _loses(member: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have somebody suspended right after the gate has let her request through."""
    look = middleware._refuse_without_permission

    def look_and_lose(request: Any) -> None:
        look(request)
        with audited():
            member.suspended_at = timezone.now()
            member.save(update_fields=["suspended_at"])

    monkeypatch.setattr(middleware, "_refuse_without_permission", look_and_lose)


def test_a_desk_that_was_left_alone_takes_no_invitation(ruth: Membership, other_center: Center) -> None:
    """Nobody has asked for anything since, so nothing has locked it yet."""
    link = invite(other_center, email=ruth.staff.email, role=Role.SPECIALIST, by=None)
    client = signed_in(ruth)
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        answer = client.post(link.removeprefix("https://quietline.test"))
    assert answer["Location"].startswith("/sign-in/")
    with in_center(other_center.pk):
        assert not Membership.objects.filter(staff=ruth.staff).exists()


def test_half_a_sign_in_ends_with_somebodys_work(adina: Membership, naomi: Membership) -> None:
    client = browser()
    client.post("/sign-in/", {"email": naomi.staff.email, "password": PASSWORD}, secure=True)
    with in_center(naomi.center_id):
        end_membership(naomi, by=adina)
    assert not SessionStore.get_model_class().objects.exists()


# Sockets


class _Open(BellConsumer):
    def __init__(self, member: Any) -> None:
        super().__init__()
        self.member, self.code = member, 0

    async def close(self, code: int | None = None, *args: Any, **kwargs: Any) -> None:
        self.code = code or 0


class _Clock:
    now = 1.0

    def __call__(self) -> float:
        return self.now

    def shift(self, seconds: float) -> None:
        self.now += seconds


def test_what_goes_wrong_in_one_center_keeps_no_socket_open_in_another(
    ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, ended = (_Open(_member(center)) for center in ("broken", "ended"))

    async def look(keys: list[str]) -> dict[str, Any]:
        if keys == ["broken"]:
            raise RuntimeError
        return {}

    monkeypatch.setattr(consumers, "database_sync_to_async", lambda act: look)
    board, clock = Switchboard(), _Clock()
    monkeypatch.setattr(consumers, "monotonic", clock)
    async_to_sync(board._look_again)([broken, ended])
    assert (broken.code, ended.code) == (0, consumers.ACCESS_ENDED)
    clock.shift(UNCHECKED_MOST)
    async_to_sync(board._look_again)([broken])
    assert broken.code == TRY_AGAIN_LATER
    assert broken.member is None, "nothing is told to it any more"
    assert UNCHECKED_MOST + LOOK_TAKES + LOOK_AGAIN_EVERY < 60


def test_a_look_that_never_ends_is_a_look_that_failed(ruth: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, ended = (_Open(_member(center)) for center in ("stuck", "ended"))

    async def look(keys: list[str]) -> dict[str, Any]:
        if keys == ["stuck"]:
            await asyncio.sleep(60)
        return {}

    monkeypatch.setattr(consumers, "database_sync_to_async", lambda act: look)
    monkeypatch.setattr(consumers, "LOOK_TAKES", 0.05)
    async_to_sync(Switchboard()._look_again)([stuck, ended])
    assert (stuck.code, ended.code) == (0, consumers.ACCESS_ENDED)
    assert stuck.unchecked_since is not None


def _member(name: str) -> Any:
    return type("Member", (), {"session_key": name, "center_id": name})()
