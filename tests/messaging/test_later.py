"""Words that leave at a moment: kept through the page, and looked at once more as their moment comes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Membership, Role
from audit.events import Event
from audit.guard import audited
from audit.models import LogEntry
from audit.record import record
from jobs.models import Job
from jobs.runner import run_due
from messaging.actions.assignment import assign
from messaging.actions.closing import close
from messaging.actions.work import Work
from messaging.models import (
    Conversation,
    Draft,
    FollowUp,
    FollowUpKind,
    LaterText,
    Line,
    Message,
    Outcome,
    Status,
    ThreadEvent,
)
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import sid, signed_in, text_in
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")
NOON = datetime(2026, 12, 1, 12, tzinfo=ZONE)
NINE = "2026-12-02T09:00"


@pytest.fixture(autouse=True)
def _a_day_at_noon() -> Iterator[None]:
    with time_machine.travel(NOON.astimezone(UTC), tick=True):
        yield


def keep(member: Membership, row: Conversation, body: str = "Good morning", at: str = NINE, **more: str) -> Any:
    posted = {"body": body, "last_sequence": "1", "key": str(uuid7()), "later": "on", "leaves_at": at, **more}
    return signed_in(member).post(f"/conversations/{row.pk}/replies/", posted)


def work_at(moment: datetime) -> None:
    with time_machine.travel(moment.astimezone(UTC)):
        run_due(limit=200)


def texts(row: Conversation) -> list[tuple[str, str]]:
    with in_center(row.center_id):
        mine = Message.objects.filter(conversation=row, direction="out", author__isnull=False)
        return [(text.body, text.status) for text in mine]


def only(row: Conversation) -> LaterText:
    with in_center(row.center_id):
        return LaterText.objects.get(conversation=row)


NEXT_NINE = datetime(2026, 12, 2, 9, tzinfo=ZONE)


def test_it_waits_in_the_thread_and_leaves_at_its_moment_by_the_way_of_every_reply(
    conversation: Conversation, naomi: Membership, twin: TwinProcess
) -> None:
    answer = keep(naomi, conversation)
    assert answer.status_code == 201
    assert "Good morning" in answer.content.decode() and "Leaves" in answer.content.decode()
    work_at(NEXT_NINE - timedelta(seconds=5))
    assert texts(conversation) == []
    with in_center(conversation.center_id):
        assert FollowUp.objects.open().filter(kind=FollowUpKind.REPLY).exists(), "she still waits for an answer"
    work_at(NEXT_NINE + timedelta(seconds=1))
    assert texts(conversation) == [("Good morning", Status.QUEUED)]
    work_at(NEXT_NINE + timedelta(seconds=20))
    assert texts(conversation) == [("Good morning", Status.ACCEPTED)]
    work_at(NEXT_NINE + timedelta(minutes=20))
    assert [text["body"] for text in twin.ledger["messages"]].count("Good morning") == 1
    with in_center(conversation.center_id):
        assert not FollowUp.objects.open().filter(kind=FollowUpKind.REPLY).exists()
        assert {Event.LATER_KEPT, Event.LATER_LEFT} <= set(LogEntry.objects.values_list("event", flat=True))
        kinds = set(ThreadEvent.objects.values_list("what", flat=True))
    assert {"later_kept", "later_left"} <= kinds


def test_the_same_key_keeps_it_once_and_its_job_run_twice_sends_it_once(
    conversation: Conversation, naomi: Membership
) -> None:
    key = str(uuid7())
    keep(naomi, conversation, key=key)
    keep(naomi, conversation, key=key)
    with in_center(conversation.center_id):
        job = Job.objects.get(kind=Work.LEAVE_LATER)
        Job.objects.create(kind=Work.LEAVE_LATER, subject_id=job.subject_id, center_id=job.center_id, run_at=job.run_at)
    work_at(NEXT_NINE + timedelta(seconds=1))
    assert len(texts(conversation)) == 1


@pytest.mark.parametrize(
    ("what", "reason"),
    [("stop", "opted_out"), ("words", "spoken"), ("colleague", "spoken"), ("closed", "closed"), ("late", "too_late")],
)
def test_at_its_moment_it_is_held_back_and_said_when_it_may_be_wrong_by_now(
    line: Line, conversation: Conversation, naomi: Membership, ruth: Membership, what: str, reason: str
) -> None:
    keep(naomi, conversation)
    moment = NEXT_NINE + timedelta(seconds=1)
    if what == "stop":
        text_in(line, "STOP", MessageSid=sid(9))
    elif what == "words":
        text_in(line, "Never mind", MessageSid=sid(9))
    elif what == "colleague":
        posted = {"body": "Hello there", "last_sequence": "9", "key": str(uuid7())}
        assert signed_in(ruth).post(f"/conversations/{conversation.pk}/replies/", posted).status_code == 201
    elif what == "closed":
        with in_center(conversation.center_id):
            close(conversation, outcome=Outcome.ANSWERED, by=ruth)
    else:
        moment += timedelta(hours=2)
    before = texts(conversation)
    work_at(moment)
    assert [body for body, _status in texts(conversation)] == [body for body, _status in before]
    assert only(conversation).held_because == reason
    with in_center(conversation.center_id):
        assert FollowUp.objects.open().filter(kind=FollowUpKind.LATER_HELD).count() == 1
        assert LogEntry.objects.get(event=Event.LATER_HELD).facts["reason"] == reason
    page = signed_in(ruth).get(f"/conversations/{conversation.pk}/").content.decode()
    assert "Held back, not sent." in page and "Good morning" in page


def test_it_is_held_back_when_its_writer_may_no_longer_write(conversation: Conversation, naomi: Membership) -> None:
    keep(naomi, conversation)
    with in_center(conversation.center_id), audited():
        Membership.objects.filter(pk=naomi.pk).update(role=Role.AUDITOR)
        record(Event.ROLE_CHANGED, subject=naomi)
    work_at(NEXT_NINE + timedelta(seconds=1))
    assert texts(conversation) == []
    assert only(conversation).held_because == "writer_gone"


def test_it_goes_with_the_conversation_to_who_holds_it_now_and_comes_back_above_what_is_half_typed(
    conversation: Conversation, naomi: Membership, ruth: Membership
) -> None:
    keep(naomi, conversation)
    with in_center(conversation.center_id):
        assign(conversation, to=ruth, by=naomi)
    later, desk = only(conversation), signed_in(ruth)
    assert signed_in(naomi).post(f"/later/{later.pk}/undo/").status_code == 404
    assert "Good morning" in desk.get(f"/conversations/{conversation.pk}/").content.decode()
    desk.post(f"/conversations/{conversation.pk}/draft/", {"body": "half typed"})
    back = desk.post(f"/later/{later.pk}/undo/")
    assert 'value="2026-12-02T09:00"' in back.content.decode()
    with in_center(conversation.center_id):
        assert Draft.objects.get(staff=ruth.staff_id).body == "Good morning\n\nhalf typed"
    work_at(NEXT_NINE + timedelta(seconds=1))
    assert texts(conversation) == []
    assert "too late to take it back" in desk.post(f"/later/{later.pk}/undo/").content.decode()


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("", "choose a day and a time"),
        ("2026-12-01T11:00", "choose a moment"),
        ("2026-12-02T07:59", "choose a moment"),
        ("2026-12-02T21:00", "choose a moment"),
        ("2027-03-01T12:00", "choose a moment"),
    ],
)
def test_a_moment_that_is_none_is_said_and_the_words_stay(
    conversation: Conversation, naomi: Membership, at: str, sentence: str
) -> None:
    refused = keep(naomi, conversation, at=at)
    assert refused.status_code == 422
    assert sentence in refused.content.decode() and "Good morning" in refused.content.decode()
    with in_center(conversation.center_id):
        assert not LaterText.objects.exists()


def test_the_moment_is_one_of_the_centers_clock_before_and_after_it_changes(
    conversation: Conversation, naomi: Membership
) -> None:
    with time_machine.travel(datetime(2027, 3, 13, 12, tzinfo=ZONE)):  # the clock goes forward in the night
        with in_center(conversation.center_id):
            Conversation.objects.update(heard_at=timezone.now())
        keep(naomi, conversation, at="2027-03-14T09:00")
    assert only(conversation).leaves_at == datetime(2027, 3, 14, 13, tzinfo=UTC)


def test_what_stands_in_the_way_of_a_reply_stands_in_the_way_of_a_later_one(
    line: Line, conversation: Conversation, naomi: Membership
) -> None:
    assert keep(naomi, conversation, body="Hi {first name}").status_code == 422
    text_in(line, "Wait", MessageSid=sid(9))
    assert keep(naomi, conversation).status_code == 409
    text_in(line, "STOP", MessageSid=sid(10))
    assert keep(naomi, conversation, last_sequence="9").status_code == 422
    with in_center(conversation.center_id):
        assert not LaterText.objects.exists()


def test_ten_seconds_long_a_reply_can_be_taken_back_and_the_carrier_never_hears_of_it(
    conversation: Conversation, naomi: Membership, twin: TwinProcess, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 10
    desk, key = signed_in(naomi), str(uuid7())
    sent_at = timezone.now()
    posted = {"body": "Too soon", "last_sequence": "9", "key": key}
    assert desk.post(f"/conversations/{conversation.pk}/replies/", posted).status_code == 201
    work_at(sent_at + timedelta(seconds=9.5))
    assert texts(conversation) == [("Too soon", Status.QUEUED)]
    with in_center(conversation.center_id):
        message = Message.objects.get(client_key=key)
    assert "Too soon" in desk.post(f"/messages/{message.pk}/undo/").content.decode()
    work_at(sent_at + timedelta(minutes=5))
    assert texts(conversation) == [("Too soon", Status.UNDONE)]
    assert "Too soon" not in [text["body"] for text in twin.ledger["messages"]]
