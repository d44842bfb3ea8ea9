"""The log as an admin sees it, through the door."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.context import Actor, acting
from audit.events import Event
from audit.models import LogEntry
from audit.pages import PAGE
from audit.record import record
from audit.sequencer import sequence_all
from audit.verifier.verify import verify_proof
from tenancy.ids import INSTALLATION, uuid7
from tenancy.scope import in_center, in_platform
from tests.doors import signed_in


@pytest.fixture
def admin(adina):
    return signed_in(adina)


def rows(response) -> list[LogEntry]:
    return [row["entry"] for row in response.context["rows"]]


def wrote(member, event=Event.NOTE_WRITTEN, **more) -> LogEntry:
    with in_center(member.center_id), acting(Actor.staff(member.staff_id)):
        return record(event, **more)


def test_an_admin_reads_who_did_what_newest_first(admin, naomi):
    wrote(naomi, Event.TAKEN)
    wrote(naomi, Event.CLOSED)
    page = admin.get("/log/")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.index("Naomi Tester closed a conversation.") < text.index("Naomi Tester took a conversation.")


def test_others_are_refused_and_the_log_says_so(ruth, naomi):
    for member in (ruth, naomi):
        browser = signed_in(member)
        for address in ("/log/", f"/log/{uuid7()}/", f"/log/{uuid7()}/proof.json"):
            assert browser.get(address).status_code == 403
        with in_platform():
            refused = LogEntry.objects.filter(event=Event.ACCESS_REFUSED, actor_id=member.staff_id)
            assert refused.count() == 3


def test_whoever_has_not_signed_in_is_sent_to_the_door(client):
    assert client.get("/log/", headers={"Host": "quietline.test"}, secure=True).status_code == 302


def test_reading_the_log_is_recorded_once_in_five_minutes(admin, adina):
    admin.get("/log/")
    admin.get("/log/")
    with in_platform():
        assert LogEntry.objects.filter(event=Event.LOG_READ, actor_id=adina.staff_id).count() == 1
    page = admin.get("/log/?group=log")
    assert [entry.event for entry in rows(page)] == ["log_read"]


def test_the_filters_narrow_it_down(admin, naomi, ruth):
    conversation, client = uuid7(), uuid7()
    wanted = wrote(naomi, Event.CLOSED, conversation=conversation, client=client)
    other = wrote(ruth, Event.TAKEN, conversation=uuid7(), client=uuid7())
    today = timezone.localdate()
    for query in (
        {"person": naomi.staff_id},
        {"about": conversation},
        {"about": client},
        {"group": "work", "person": naomi.staff_id, "since": today - timedelta(days=1)},
        {"person": naomi.staff_id, "until": today + timedelta(days=1)},
    ):
        found = {entry.pk for entry in rows(admin.get("/log/", query))}
        assert wanted.pk in found, query
        assert other.pk not in found, query
    assert not rows(admin.get("/log/", {"person": naomi.staff_id, "since": today + timedelta(days=2)}))


def test_days_are_those_of_the_center(admin, naomi, time_machine):
    """The center is in New York: three in the morning UTC is still the day before."""
    time_machine.move_to("2026-11-24T03:00:00Z", tick=False)
    entry = wrote(naomi)
    time_machine.move_to("2026-11-24T03:00:01Z", tick=False)
    first = {row.pk for row in rows(admin.get("/log/", {"since": "2026-11-23", "until": "2026-11-23"}))}
    second = {row.pk for row in rows(admin.get("/log/", {"since": "2026-11-24"}))}
    assert entry.pk in first
    assert entry.pk not in second


@pytest.mark.parametrize(
    "query",
    [
        {"person": "nobody"},
        {"person": "' OR 1=1"},
        {"about": "not-an-id"},
        {"about": "\x00"},
        {"group": "everything"},
        {"since": "2026-13-45"},
        {"since": "2026-11-24", "until": "2026-11-23"},
        {"since": "0001-01-01", "until": "9999-12-31"},
        {"before": "x" * 5000},
    ],
)
def test_a_wrong_filter_is_answered_kindly(admin, query):
    page = admin.get("/log/", query)
    assert page.status_code == 200
    assert page.context["form"].errors or query.get("until") == "9999-12-31"
    if "about" in query and query["about"].isprintable():
        assert query["about"] in page.content.decode(), "what was typed is kept"


def test_pages_of_fifty_meet_without_a_gap_or_a_double(admin, naomi):
    with in_center(naomi.center_id), acting(Actor.staff(naomi.staff_id)):
        written = {record(Event.NOTE_WRITTEN).pk for _ in range(2 * PAGE + 7)}
    seen, address = [], f"/log/?person={naomi.staff_id}"
    while address:
        page = admin.get(address)
        seen += [entry.pk for entry in rows(page)]
        address = page.context["older"] and "/log/" + page.context["older"]
    assert len(seen) == len(set(seen)) == 2 * PAGE + 7
    assert set(seen) == written


def test_entries_of_one_moment_are_not_lost_between_pages(admin, naomi, time_machine):
    time_machine.move_to(timezone.now() + timedelta(seconds=1), tick=False)
    with in_center(naomi.center_id), acting(Actor.staff(naomi.staff_id)):
        for _ in range(PAGE + 3):
            record(Event.NOTE_WRITTEN)
    first = admin.get(f"/log/?person={naomi.staff_id}")
    second = admin.get("/log/" + first.context["older"])
    assert len({entry.pk for entry in rows(first) + rows(second)}) == PAGE + 3


def test_nothing_of_another_center_is_shown(admin, mara):
    theirs = wrote(mara, Event.CLOSED)
    with acting(Actor.staff(mara.staff_id)), in_center(mara.center_id):
        signed = record(Event.SECOND_FACTOR_PASSED, center=INSTALLATION)
    found = {entry.pk for entry in rows(admin.get("/log/"))}
    assert not found & {theirs.pk, signed.pk}
    for entry in (theirs, signed):
        assert admin.get(f"/log/{entry.pk}/").status_code == 404
        assert admin.get(f"/log/{entry.pk}/proof.json").status_code == 404
        assert admin.get("/log/", {"before": entry.pk}).status_code == 200
    assert not rows(admin.get("/log/", {"about": uuid7()}))


def test_a_colleagues_sign_in_and_the_systems_own_entries_are_shown(admin, naomi):
    with in_platform(), acting(Actor.staff(naomi.staff_id)):
        signed = record(Event.SECOND_FACTOR_PASSED, center=INSTALLATION)
    with in_platform(), acting(Actor.system()):
        started = record(Event.STARTED)
    assert {signed.pk, started.pk} <= {entry.pk for entry in rows(admin.get("/log/"))}
    assert "Naomi Tester signed in." in admin.get(f"/log/{signed.pk}/").content.decode()


def test_an_empty_answer_says_what_to_do_next(admin):
    assert "Nothing was recorded that fits" in admin.get("/log/", {"about": uuid7()}).content.decode()


def test_one_entry_is_shown_with_its_number_and_a_proof_for_outsiders(admin, naomi):
    entry = wrote(naomi, Event.CLOSED, conversation=uuid7(), facts={"outcome": "answered"})
    waiting = admin.get(f"/log/{entry.pk}/")
    assert "Not sealed yet" in waiting.content.decode()
    assert admin.get(f"/log/{entry.pk}/proof.json").status_code == 404
    sequence_all()
    text = admin.get(f"/log/{entry.pk}/").content.decode()
    assert "answered" in text
    response = admin.get(f"/log/{entry.pk}/proof.json")
    assert "attachment" in response["Content-Disposition"]
    assert verify_proof(json.loads(response.content)) == str(entry.pk)
    with in_platform():
        assert LogEntry.objects.filter(event=Event.LOG_EXPORTED, object_pk=str(entry.pk)).exists()


def test_the_page_costs_the_same_with_ten_entries_and_with_hundreds(admin, naomi, django_assert_max_num_queries):
    counts = []
    for more in (10, 300):
        with in_center(naomi.center_id), acting(Actor.staff(naomi.staff_id)):
            for _ in range(more):
                record(Event.NOTE_WRITTEN)
        sequence_all()
        admin.get("/log/")
        with django_assert_max_num_queries(30) as counted:
            admin.get("/log/")
        counts.append(len(counted))
    assert counts[1] <= counts[0]


def test_the_view_itself_makes_at_most_twelve_queries(admin, adina, naomi, rf, django_assert_max_num_queries):
    from audit.views import log_list

    wrote(naomi)
    request = rf.get("/log/", headers={"Host": "quietline.test"})
    request.member, request.user, request.csp_nonce = adina, adina.staff, "n"
    with in_center(adina.center_id), acting(Actor.staff(adina.staff_id)), django_assert_max_num_queries(12):
        log_list(request)


def test_the_status_of_the_tree_stands_on_top_and_warns(admin, naomi, time_machine):
    wrote(naomi)
    sequence_all()
    page = admin.get("/log/")
    assert page.context["tree"].size > 0
    assert "nothing has sealed them" not in page.content.decode()
    time_machine.move_to(timezone.now() + timedelta(minutes=2))
    assert "nothing has sealed them" in admin.get("/log/").content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_log_can_only_be_read(admin, method):
    assert getattr(admin, method)("/log/").status_code == 405


def test_the_title_says_nothing_of_anybody(admin, naomi):
    entry = wrote(naomi)
    for address in ("/log/", f"/log/{entry.pk}/"):
        title = admin.get(address).content.decode().split("<title>")[1].split("</title>")[0]
        assert "Naomi" not in title
