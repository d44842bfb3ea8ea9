"""Somebody looks at who read what, week by week, and that is on the record (AUD-11)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.context import Actor, acting
from audit.events import Event
from audit.models import LogEntry, PendingLeaf
from audit.record import record
from audit.review import Week
from messaging.models import Client, Conversation
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.doors import signed_in, text_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(adina):
    return signed_in(adina)


@pytest.fixture
def conversation(line):
    """She has written once, and waits."""
    assert text_in(line, "I need to talk").status_code == 200
    with in_center(line.center_id):
        return Conversation.objects.get()


@pytest.fixture
def in_the_week(time_machine):
    """A moment of the Wednesday of the last week that is over, for as long as the block runs."""

    @contextmanager
    def travel(hour: int = 15) -> Iterator[None]:
        now = timezone.now()
        time_machine.move_to(f"{Week.last().days[2].isoformat()}T{hour:02}:00:00Z")
        yield
        time_machine.move_to(now)

    return travel


def opened(member, count: int = 1, *, holder: str = "self", client=None) -> None:
    with in_center(member.center_id), acting(Actor.staff(member.staff_id)):
        for _ in range(count):
            record(Event.CONVERSATION_OPENED, client=client or uuid7(), facts={"holder": holder})


def marks_of(page, member) -> list[str]:
    return [
        str(mark)
        for row in page.context["people"]
        if row["person"].pk == member.staff_id
        for mark in row["person"].marks
    ]


def review(admin):
    """As one comes to it from the log: the last week that is over."""
    return admin.get("/log/review/")


def test_the_seeded_snooper_is_marked_and_nobody_else(admin, naomi, ruth, in_the_week):
    with in_the_week():
        opened(ruth, 4)
        opened(naomi, 30, holder="colleague")
    page = review(admin)
    assert marks_of(page, naomi) == [
        "Opened far more clients than colleagues did",
        "Opened mostly what colleagues had taken",
    ]
    assert marks_of(page, ruth) == []
    assert page.context["people"][0]["person"].pk == naomi.staff_id


def test_reading_at_night_is_marked_in_the_centers_own_time(admin, naomi, in_the_week):
    with in_the_week(hour=8):  # three or four in the morning in New York
        opened(naomi, 6)
    assert marks_of(review(admin), naomi) == ["Read much at night"]


def test_a_client_with_the_readers_last_name_is_marked(admin, naomi, conversation, in_the_week):
    with in_center(naomi.center_id), acting(Actor.system()):
        client = Client.objects.get(pk=conversation.client_id)
        client.name = "Lena Tester"
        client.save()
    with in_the_week():
        opened(naomi, client=conversation.client_id)
    assert marks_of(review(admin), naomi) == ["Opened a client with the same last name"]


def test_somebody_who_did_her_work_is_not_marked(admin, naomi, ruth, in_the_week):
    with in_the_week():
        for member in (naomi, ruth):
            opened(member, 25)
    page = review(admin)
    assert marks_of(page, naomi) == marks_of(page, ruth) == []


def test_signing_off_is_itself_on_the_record(admin, adina):
    week = Week.last()
    page = admin.post("/log/review/sign-off/", {"week": week.first.isoformat()}, follow=True)
    assert "Adina Tester looked at this week." in page.content.decode()
    with in_platform():
        entry = LogEntry.objects.get(event=Event.LOG_REVIEWED)
    assert (entry.actor_id, entry.facts["week"], entry.facts["marked"]) == (adina.staff_id, week.name, 0)
    assert not admin.get("/log/").context["unreviewed"]
    assert "I have looked at this week" not in page.content.decode()


def test_a_week_that_is_not_over_cannot_be_signed_off(admin):
    page = admin.post("/log/review/sign-off/", {"week": timezone.localdate().isoformat()}, follow=True)
    assert "This week is not over yet" in page.content.decode()
    with in_platform():
        assert not LogEntry.objects.filter(event=Event.LOG_REVIEWED).exists()


def test_nothing_is_signed_off_while_the_log_stands_still(admin):
    PendingLeaf.objects.update(since=timezone.now() - timedelta(minutes=16))
    page = admin.post("/log/review/sign-off/", {"week": Week.last().first.isoformat()}, follow=True)
    assert "cannot be put on the record now" in page.content.decode()


def test_the_log_asks_for_a_review_until_there_is_one(admin, naomi, in_the_week):
    with in_the_week():
        opened(naomi)
    assert "Nobody has looked at last week yet" in admin.get("/log/").content.decode()
    admin.post("/log/review/sign-off/", {"week": Week.last().first.isoformat()})
    assert "Nobody has looked at last week yet" not in admin.get("/log/").content.decode()


def test_one_persons_week_and_one_clients_readers_are_shown(admin, naomi, conversation):
    browser = signed_in(naomi)
    browser.get(f"/conversations/{conversation.pk}/")
    today = timezone.localdate().isoformat()
    week = admin.get(f"/log/review/people/{naomi.staff_id}/", {"week": today})
    assert [row["pk"] for row in week.context["opened"]] == [conversation.client_id]
    client = admin.get(f"/log/review/clients/{conversation.client_id}/")
    assert "Naomi Tester" in client.content.decode()
    assert [row["n"] for row in client.context["readers"]] == [1]


def test_looking_at_the_review_is_recorded(admin, adina):
    admin.get("/log/review/")
    with in_platform():
        entry = LogEntry.objects.get(event=Event.LOG_READ, actor_id=adina.staff_id)
    assert entry.facts["review"] == Week.last().name


@pytest.mark.parametrize("week", ["nonsense", "2026-02-30", "0001-01-01", "9999-12-31", "\x00", "-1", "9" * 400])
def test_a_week_that_does_not_exist_is_not_found(admin, week):
    assert admin.get("/log/review/", {"week": week}).status_code == 404
    assert admin.post("/log/review/sign-off/", {"week": week}).status_code == 404


def test_only_admins_review_and_only_their_own_center(admin, naomi, ruth, mara, conversation):
    for member in (naomi, ruth):
        browser = signed_in(member)
        assert browser.get("/log/review/").status_code == 403
        assert browser.get(f"/log/review/people/{naomi.staff_id}/").status_code == 403
        assert browser.get(f"/log/review/clients/{conversation.client_id}/").status_code == 403
        assert browser.post("/log/review/sign-off/", {"week": Week.last().first.isoformat()}).status_code == 403
    opened(mara, 3)
    assert admin.get(f"/log/review/people/{mara.staff_id}/").status_code == 404
    page = admin.get("/log/review/", {"week": timezone.localdate().isoformat()})
    assert mara.staff_id not in [row["person"].pk for row in page.context["people"]]


def test_no_proof_leaves_the_house_while_the_log_stands_still(admin, naomi):
    from audit.sequencer import sequence_all

    with in_center(naomi.center_id), acting(Actor.staff(naomi.staff_id)):
        entry = record(Event.NOTE_WRITTEN)
    sequence_all()
    admin.get("/log/")
    PendingLeaf.objects.update(since=timezone.now() - timedelta(minutes=16))
    answer = admin.get(f"/log/{entry.pk}/proof.json")
    assert answer.status_code == 503
    assert "Nothing was exported" in answer.content.decode()
