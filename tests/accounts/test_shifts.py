"""Access that is bound to hours: outside of them nothing opens, whatever is asked and by whichever way."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern

from accounts.actions import shifts
from accounts.actions.people import LastAdmin, change_role, end_membership
from accounts.models import Center, Membership, Role, Roster
from accounts.roles import OUTSIDE_HOURS
from accounts.routes import patterns
from accounts.sockets import members_of
from accounts.timetable import Hours, Span
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.assignment import take
from messaging.models import Conversation, FollowUp, Line
from tenancy.scope import in_center
from tests.accounts.test_gate import PUBLIC, address
from tests.cast import employ
from tests.doors import signed_in, text_in, with_a_way

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
FRIDAY, NEXT_FRIDAY = datetime(2026, 11, 27, tzinfo=NEW_YORK), datetime(2026, 12, 4, tzinfo=NEW_YORK)
NOON, FOUR, FIVE = FRIDAY.replace(hour=12), FRIDAY.replace(hour=16), FRIDAY.replace(hour=17)
FRIDAYS = Hours({4: [Span(time(9), time(17))]}, {})


@pytest.fixture(autouse=True)
def _log_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of these tests jumps, and nothing is sealed in between."""
    monkeypatch.setattr(shifts, "refuse_while_the_log_stands_still", lambda: None)
    monkeypatch.setattr(shifts, "seal_before_the_answer", lambda entry: None)


def bind(member: Membership, hours: Hours | None = FRIDAYS) -> None:
    with in_center(member.center_id):
        shifts.set_hours(member, hours, by=_an_admin(member.center))


def _an_admin(center: Center) -> Membership:
    """Whoever sets the hours of these tests."""
    return Membership.objects.filter(center=center, role=Role.ADMIN).first() or employ(center, "Ada", Role.ADMIN)


def at_noon(member: Membership, hours: Hours = FRIDAYS) -> Client:
    """A browser in which somebody signed in at noon of a Friday; she is bound to Fridays, nine to five."""
    bind(member, hours)
    with time_machine.travel(NOON, tick=False):
        return signed_in(member)


def entries(member: Membership, event: Event) -> list[LogEntry]:
    with in_center(member.center_id):
        return list(LogEntry.objects.filter(event=event))


def is_kept_out(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"] == "/off-shift/"


GUARDED = sorted(
    (one for one in patterns() if one.name not in PUBLIC and one.name not in OUTSIDE_HOURS),
    key=lambda one: str(one.name),
)


def touch(client: Client, pattern: URLPattern) -> list[Any]:
    path, fragment = address(pattern), {"HX-Request": "true"}
    return [
        client.get(path), client.post(path, {"x": "y"}),
        client.get(path, headers=fragment), client.post(path, {"x": "y"}, headers=fragment),
    ]  # fmt: skip


@pytest.mark.parametrize("role", Role.values)
def test_outside_her_hours_every_address_is_shut_to_each_role(
    center: Center, adina: Membership, role: str, record_property: Any
) -> None:
    with_a_way(adina)
    member = employ(center, "Tirzah", Role(role))
    client, open_anyway = at_noon(member), []
    with time_machine.travel(NOON, tick=False):
        assert not any(is_kept_out(client.get(address(one))) for one in GUARDED), "or this proves nothing"
    with time_machine.travel(FIVE, tick=False):
        unlocked(client)
        for pattern in GUARDED:
            page, sent, fragment, sent_fragment = touch(client, pattern)
            if not (is_kept_out(page) and is_kept_out(sent)):
                open_anyway.append(pattern.name)
            if {fragment.status_code, sent_fragment.status_code} != {401}:
                open_anyway.append(pattern.name)
            assert fragment["HX-Redirect"] == sent_fragment["HX-Redirect"] == "/off-shift/"
            assert b"Tirzah" not in page.content + sent.content + fragment.content
    record_property("cases", 4 * len(GUARDED))
    assert open_anyway == []


def unlocked(client: Client) -> None:
    """As if somebody had just used this desk: whether it is locked is another question."""
    session = client.session
    session["used_at"] = int(datetime.now(tz=NEW_YORK).timestamp())
    session.save()


def test_what_opens_outside_of_hours_is_this_and_nothing_else() -> None:
    assert {
        "off-shift", "shift", "lock", "confirm", "confirm-passkey", "confirm-passkey-options",
        "centers", "center-enter", "own-recovery-cancel",
    } == OUTSIDE_HOURS  # fmt: skip


def test_signing_in_outside_her_hours_leads_to_one_plain_page(naomi: Membership, line: Line) -> None:
    text_in(line, "only for her desk")
    bind(naomi)
    with time_machine.travel(FIVE, tick=False):
        client = signed_in(naomi)
        answer = client.get("/", follow=True)
        page = answer.content.decode()
    assert answer.redirect_chain == [("/off-shift/", 302)]
    assert "Your next shift begins:" in page
    assert "Friday, 4 December" in page
    assert 'action="/sign-out/"' in page
    assert not any(words in page for words in ("only for her desk", "Harbor", "/follow-ups/", "/settings/"))


def test_the_page_says_when_nothing_is_planned(naomi: Membership) -> None:
    client = at_noon(naomi, Hours({}, {FRIDAY.date(): [Span(time(9), time(17))]}))
    with time_machine.travel(FIVE, tick=False):
        unlocked(client)
        assert "No shift of yours is planned" in client.get("/off-shift/").content.decode()


def test_within_her_hours_that_page_leads_to_work(naomi: Membership) -> None:
    client = at_noon(naomi)
    with time_machine.travel(NOON, tick=False):
        assert client.get("/off-shift/")["Location"] == "/"


def test_a_session_goes_on_when_the_next_hours_begin(naomi: Membership) -> None:
    client = at_noon(naomi, Hours({4: [Span(time(9), time(13)), Span(time(14), time(17))]}, {}))
    with time_machine.travel(FRIDAY.replace(hour=13, minute=30), tick=False):
        unlocked(client)
        assert is_kept_out(client.get("/"))
        client.get("/follow-ups/")
    with time_machine.travel(FRIDAY.replace(hour=14), tick=False):
        unlocked(client)
        assert client.get("/").status_code == 200
    assert len(entries(naomi, Event.OFF_SHIFT)) == 1, "it is on the record once"
    with time_machine.travel(FIVE, tick=False):
        unlocked(client)
        client.get("/")
    assert len(entries(naomi, Event.OFF_SHIFT)) == 2


def test_her_socket_hears_nothing_outside_her_hours(naomi: Membership) -> None:
    key = str(at_noon(naomi).session.session_key)
    client = Client()
    client.cookies["__Host-session"] = key
    with time_machine.travel(NOON, tick=False):
        assert members_of([key])
    with time_machine.travel(FIVE - timedelta(seconds=1), tick=False):
        unlocked(client)
        assert members_of([key])
    with time_machine.travel(FIVE, tick=False):
        assert members_of([key]) == {}


@pytest.mark.parametrize(
    ("before_the_end", "seconds"), [(timedelta(minutes=5), 300), (timedelta(seconds=1), 1), (timedelta(0), 0)]
)
def test_a_page_learns_how_long_her_hours_still_go_on(
    naomi: Membership, before_the_end: timedelta, seconds: int
) -> None:
    client = at_noon(naomi)
    with time_machine.travel(FIVE - before_the_end, tick=False):
        unlocked(client)
        assert client.get("/shift/").json() == {"seconds": seconds}


def test_whoever_is_not_bound_comes_in_at_any_hour(naomi: Membership) -> None:
    with time_machine.travel(FRIDAY.replace(hour=3), tick=False):
        client = signed_in(naomi)
        assert client.get("/").status_code == 200
        assert client.get("/shift/").json() == {"seconds": None}


def test_asking_for_the_time_does_not_keep_a_desk_open(naomi: Membership) -> None:
    client = at_noon(naomi)
    with time_machine.travel(NOON + timedelta(minutes=6), tick=False):
        assert client.get("/shift/").status_code == 200
    with time_machine.travel(NOON + timedelta(minutes=11), tick=False):
        assert client.get("/shift/")["Location"].startswith("/confirm/")


def test_a_desk_that_was_locked_opens_to_that_page_alone(naomi: Membership) -> None:
    client = at_noon(naomi)
    with time_machine.travel(FIVE, tick=False):
        assert client.get("/")["Location"].startswith("/confirm/")
        assert client.get("/confirm/?why=locked").status_code == 200


def test_each_page_carries_the_notice_in_her_language(naomi: Membership) -> None:
    naomi.staff.language = "es"
    naomi.staff.save(update_fields=["language"])
    client = at_noon(naomi)
    with time_machine.travel(NOON, tick=False):
        page = client.get("/follow-ups/").content.decode()
    assert '<shift-end class="banner shift-end"' in page
    assert "Su turno termina en 5 minutos." in page


# Setting and lengthening


@pytest.mark.parametrize(("longer", "until"), [("15", "17:15"), ("30", "17:30"), ("60", "18:00"), ("0", "00:00")])
def test_one_click_of_an_admin_lets_her_stay_and_is_on_the_record(
    adina: Membership, naomi: Membership, longer: str, until: str
) -> None:
    client = at_noon(naomi)
    with time_machine.travel(FOUR, tick=False):
        admin = signed_in(adina)
        admin.post(f"/staff/{naomi.pk}/extend/", {"longer": longer})
    with time_machine.travel(FIVE, tick=False):
        unlocked(client)
        assert client.get("/").status_code == 200
        assert client.get("/shift/").json()["seconds"] > 0
    with in_center(naomi.center_id):
        extended = Roster.objects.get().extended_until
    assert extended is not None
    assert f"{extended.astimezone(NEW_YORK):%H:%M}" == until
    with time_machine.travel(extended, tick=False):
        unlocked(client)
        assert is_kept_out(client.get("/"))
    (entry,) = entries(naomi, Event.SHIFT_EXTENDED)
    assert entry.actor_id == adina.staff_id
    assert entry.object_pk == str(naomi.pk)
    assert entry.facts["until"].startswith("2026-11-2")


def test_a_click_after_the_end_counts_from_now(adina: Membership, naomi: Membership) -> None:
    at_noon(naomi)
    with time_machine.travel(FIVE + timedelta(hours=1), tick=False):
        page = signed_in(adina).post(f"/staff/{naomi.pk}/extend/", {"longer": "30"}, follow=True).content.decode()
    assert "Longer for today: until 6:30 p.m." in page


@pytest.mark.parametrize("longer", ["", "5", "-1", "1440", "x", "15.5"])
def test_no_other_length_is_taken(adina: Membership, naomi: Membership, longer: str) -> None:
    bind(naomi)
    signed_in(adina).post(f"/staff/{naomi.pk}/extend/", {"longer": longer})
    with in_center(naomi.center_id):
        assert Roster.objects.get().extended_until is None


def test_whoever_is_not_bound_needs_no_more_time(adina: Membership, naomi: Membership) -> None:
    page = signed_in(adina).post(f"/staff/{naomi.pk}/extend/", {"longer": "15"}, follow=True).content.decode()
    assert "comes in at any hour" in page
    assert entries(naomi, Event.SHIFT_EXTENDED) == []


def form_of(bound: str = "set", **more: str) -> dict[str, str]:
    """What the page posts: seven weekdays with room for two shifts each, and three single days."""
    fields = {"bound": bound, "week-TOTAL_FORMS": "14", "week-INITIAL_FORMS": "14"}
    fields |= {f"week-{number}-weekday": str(number // 2) for number in range(14)}
    return {**fields, "days-TOTAL_FORMS": "3", "days-INITIAL_FORMS": "0", **more}


def shift(name: str, begins: str, ends: str, **more: str) -> dict[str, str]:
    return {f"{name}-begins": begins, f"{name}-ends": ends, **{f"{name}-{key}": value for key, value in more.items()}}


def test_an_admin_sets_hours_and_the_log_says_old_and_new(adina: Membership, naomi: Membership) -> None:
    admin, path = signed_in(adina), f"/staff/{naomi.pk}/shifts/"
    first = form_of(**shift("week-0", "09:00", "12:00"), **shift("week-1", "13:00", "17:00"))
    assert admin.post(path, first)["Location"] == f"/staff/{naomi.pk}/"
    second = form_of(**shift("week-0", "22:00", "06:00"), **shift("days-0", "", "", day="2099-12-25"))
    assert admin.post(path, second).status_code == 302
    with in_center(naomi.center_id):
        assert Roster.objects.get().week == {"0": [["22:00", "06:00"]]}
        assert Roster.objects.get().days == {"2099-12-25": []}
    old, new = sorted(entries(naomi, Event.SHIFTS_CHANGED), key=lambda entry: entry.timestamp)
    assert (old.facts["bound_before"], old.facts["bound_after"]) == (False, True)
    assert old.facts["monday_after"] == "T09:00-T12:00,T13:00-T17:00"
    assert new.facts["monday_before"] == "T09:00-T12:00,T13:00-T17:00"
    assert new.facts["monday_after"] == "T22:00-T06:00"
    assert new.facts["day_2099_12_25_after"] == "off"
    page = admin.get(f"/staff/{naomi.pk}/").content.decode()
    assert "10 p.m. to 6 a.m. the next day" in page
    assert "Dec. 25, 2099" in page
    assert admin.post(path, form_of("any")).status_code == 302
    with in_center(naomi.center_id):
        assert not Roster.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (form_of(), "Give at least one shift"),
        (form_of(**shift("days-0", "", "", day="2099-12-25")), "Give at least one shift"),
        (form_of(**shift("week-0", "09:00", "")), "both times"),
        (form_of(**shift("week-0", "09:00", "09:00")), "These are the same"),
        (form_of(**shift("week-0", "09:00", "12:00"), **shift("week-1", "11:00", "13:00")), "before the one before"),
        (form_of(**shift("week-0", "22:00", "02:00"), **shift("week-1", "23:00", "23:30")), "before the one before"),
        (form_of(**shift("days-0", "09:00", "12:00")), "For which day"),
        (
            form_of(**shift("days-0", "09:00", "12:00", day="2099-01-01"), **shift("days-1", "", "", day="2099-01-01")),
            "once as a day off",
        ),
        (form_of("maybe"), "Select a valid choice"),
        ({"bound": "set"}, ""),
        (form_of(**{"week-0-weekday": "9", **shift("week-0", "09:00", "12:00")}), ""),
        (form_of(**{"week-0-weekday": "²"}), ""),
        (form_of(**{"week-TOTAL_FORMS": "99999"}), ""),
    ],
)
def test_hours_that_do_not_go_together_are_said_and_nothing_changes(
    adina: Membership, naomi: Membership, fields: dict[str, str], words: str
) -> None:
    answer = signed_in(adina).post(f"/staff/{naomi.pk}/shifts/", fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with in_center(naomi.center_id):
        assert not Roster.objects.exists()


def test_the_form_comes_back_as_it_was_saved_with_room_for_more(adina: Membership, naomi: Membership) -> None:
    days = {FRIDAY.date() - timedelta(days=9): [Span(time(8), time(9))]}
    bind(naomi, Hours({2: [Span(time(8), time(10)), Span(time(12), time(14))]}, days))
    with time_machine.travel(NOON, tick=False):
        page = signed_in(adina).get(f"/staff/{naomi.pk}/shifts/").content.decode()
    assert page.count('value="2"') == 3, "two shifts of Wednesday, and an empty one"
    assert page.count("08:00") == 1, "a day that is over is not shown"
    assert 'value="14:00"' in page


def test_hours_are_set_by_admins_of_that_center_alone(ruth: Membership, adina: Membership, mara: Membership) -> None:
    assert signed_in(ruth).post(f"/staff/{adina.pk}/shifts/", form_of("any")).status_code == 403
    assert signed_in(adina).get(f"/staff/{mara.pk}/shifts/").status_code == 404


# Somebody who can put things right is always there


def test_the_only_admin_cannot_be_bound_nor_can_two_of_two(center: Center, adina: Membership) -> None:
    with pytest.raises(LastAdmin):
        bind(adina)
    second = with_a_way(employ(center, "Berta", Role.ADMIN))
    bind(adina)
    with pytest.raises(LastAdmin):
        bind(second)
    answer = signed_in(second).post(f"/staff/{second.pk}/shifts/", form_of(**shift("week-0", "09:00", "12:00")))
    assert "an admin who comes in at any hour" in answer.content.decode()


def test_an_admin_who_is_bound_is_not_the_one_who_stays(
    center: Center, adina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.actions.people.refuse_while_the_log_stands_still", lambda: None)
    second = with_a_way(employ(center, "Berta", Role.ADMIN))
    with_a_way(adina)
    bind(second)
    with in_center(center.pk):
        for leaves in (
            lambda: end_membership(adina, by=second),
            lambda: change_role(adina, Role.SPECIALIST, by=second),
        ):
            with pytest.raises(LastAdmin):
                leaves()
        end_membership(second, by=adina)


# What she holds


def test_what_somebody_holds_is_counted_and_returned_with_one_click(
    adina: Membership, naomi: Membership, line: Line
) -> None:
    text_in(line, "I am here")
    with in_center(line.center_id):
        take(Conversation.objects.get(), by=naomi)
    admin = signed_in(adina)
    page = admin.get(f"/staff/{naomi.pk}/").content.decode()
    assert "1 open conversation" in page
    assert "1 open follow-up" in page
    page = admin.post(f"/staff/{naomi.pk}/return/", follow=True).content.decode()
    assert "0 open conversations" in page
    assert f"/staff/{naomi.pk}/return/" not in page
    with in_center(line.center_id):
        assert Conversation.objects.get().assignee is None
        assert not FollowUp.objects.open().exclude(owner=None).exists()
        event = Conversation.objects.get().events.get(what="released")
    assert event.by_id == adina.staff_id, "it was the admin who gave it back"
    assert entries(naomi, Event.UNASSIGNED)[0].actor_id == adina.staff_id


def test_whoever_gives_a_conversation_away_sees_who_is_outside_her_hours(
    ruth: Membership, naomi: Membership, line: Line
) -> None:
    text_in(line, "I am here")
    with in_center(line.center_id):
        path = f"/conversations/{Conversation.objects.get().pk}/colleagues/"
    bind(naomi)
    for moment, is_said in ((NOON, False), (FIVE, True)):
        with time_machine.travel(moment, tick=False):
            assert ("outside her hours" in signed_in(ruth).get(path).content.decode()) == is_said
