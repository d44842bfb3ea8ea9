"""The third layer of receiving: what Twilio took while nobody listened is found, once, and marked."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from config import celery
from jobs.health import dead_count
from jobs.models import Job
from messaging.actions.opt_outs import is_opted_out
from messaging.actions.reconciling import EVERY, UNDER_WAY, is_compared, keep_reconciling, reconcile, reconcile_in_turn
from messaging.actions.work import Work
from messaging.models import Call, Conversation, FollowUp, FollowUpKind, Line, Message
from messaging.twilio import Busy
from tenancy.scope import in_center, in_platform
from tests.cast import LINE_NUMBER, PHONE
from tests.doors import sid, signed_in, text_in
from tests.messaging.conftest import work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db


def unheard(twin: TwinProcess, body: str) -> str:
    """A text that Twilio took and that no webhook told of."""
    (row,) = twin.ask("POST", "/twin/send", {"from": PHONE, "to": LINE_NUMBER, "body": body})["messages"]
    return str(row["sid"])


def unheard_call(twin: TwinProcess) -> None:
    answer = {"from": PHONE, "to": LINE_NUMBER, "ending": "no_answer"}
    twin.begin_anew(voice_url="http://127.0.0.1:1/")
    twin.ask("POST", "/twin/call", answer)


@pytest.fixture
def later(twin: TwinProcess, line: Line) -> Iterator[None]:
    """Two minutes from now: what the twin took meanwhile is no longer under way."""
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        yield


def compare(line: Line) -> int:
    return reconcile(line.center_id, line.pk, until=timezone.now() - UNDER_WAY)


def texts(line: Line) -> list[Message]:
    with in_center(line.center_id):
        return list(Message.objects.filter(direction="in").order_by("sequence"))


def arranged(kind: Work = Work.RECONCILE) -> list[Job]:
    with in_platform():
        return list(Job.objects.waiting().filter(kind=kind))


def test_a_text_that_nobody_heard_is_taken_in_and_marked(twin: TwinProcess, line: Line, later: None) -> None:
    sid = unheard(twin, "Is anybody there?")
    assert compare(line) == 1
    (text,) = texts(line)
    assert (text.body, text.twilio_sid, text.came_late) == ("Is anybody there?", sid, True)
    with in_center(line.center_id):
        assert FollowUp.objects.open().get().kind == FollowUpKind.REPLY
        assert LogEntry.objects.filter(event=Event.MESSAGE_RECOVERED, object_pk=str(text.pk)).count() == 1
        assert not LogEntry.objects.filter(event=Event.MESSAGE_RECEIVED).exists()


def test_comparing_again_takes_in_nothing_more(twin: TwinProcess, line: Line, later: None) -> None:
    unheard_call(twin)
    unheard(twin, "One")
    assert compare(line) == 2
    assert compare(line) == 0
    assert len(texts(line)) == 1


def test_what_was_heard_is_not_marked(twin: TwinProcess, line: Line, later: None) -> None:
    text_in(line, "Heard", MessageSid=unheard(twin, "Heard"))
    assert compare(line) == 0
    assert [text.came_late for text in texts(line)] == [False]


def test_a_webhook_that_comes_after_all_writes_nothing(twin: TwinProcess, line: Line, later: None) -> None:
    sid = unheard(twin, "Late")
    compare(line)
    assert text_in(line, "Late", MessageSid=sid).status_code == 200
    assert len(texts(line)) == 1


def test_a_text_whose_webhook_may_still_come_is_left_alone(twin: TwinProcess, line: Line) -> None:
    unheard(twin, "Just now")
    assert compare(line) == 0


def test_several_come_in_the_order_in_which_she_wrote(twin: TwinProcess, line: Line, later: None) -> None:
    for body in ("one", "two", "three"):
        unheard(twin, body)
    assert compare(line) == 3
    assert [text.body for text in texts(line)] == ["one", "two", "three"]


def test_what_was_said_before_the_line_was_ours_stays_outside(twin: TwinProcess, line: Line, later: None) -> None:
    unheard(twin, "Before your time")
    with in_center(line.center_id):
        Line.objects.filter(pk=line.pk).update(created_at=timezone.now() + timedelta(minutes=1))
    assert compare(line) == 0


def test_a_call_that_nobody_heard_owes_a_call_back(twin: TwinProcess, line: Line, later: None) -> None:
    unheard_call(twin)
    assert compare(line) == 1
    with in_center(line.center_id):
        assert Call.objects.get().said_at is not None
        assert FollowUp.objects.open().get().kind == FollowUpKind.MISSED_CALL


def test_a_stop_that_nobody_heard_still_stops(twin: TwinProcess, line: Line, later: None) -> None:
    unheard(twin, "STOP")
    compare(line)
    with in_center(line.center_id):
        assert is_opted_out(Conversation.objects.get())


def test_a_start_that_was_found_late_does_not_lift_a_later_stop(twin: TwinProcess, line: Line, later: None) -> None:
    unheard(twin, "START")
    text_in(line, "STOP")
    compare(line)
    with in_center(line.center_id):
        assert is_opted_out(Conversation.objects.get())


@pytest.mark.parametrize("again", [False, True])
def test_a_start_that_was_found_late_does_not_lift_a_stop_that_was_said_again_after_it(
    twin: TwinProcess, line: Line, again: bool
) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=2)):
        text_in(line, "STOP")
    unheard(twin, "START")
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        if again:
            text_in(line, "Stop", MessageSid=sid(2))
        compare(line)
    with in_center(line.center_id):
        assert is_opted_out(Conversation.objects.get()) is again


def test_a_first_text_from_hours_ago_is_answered_by_a_person_only(twin: TwinProcess, line: Line) -> None:
    unheard(twin, "Hello?")
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        compare(line)
    assert arranged(Work.AUTO_REPLY) == []
    with in_center(line.center_id):
        assert FollowUp.objects.open().filter(kind=FollowUpKind.REPLY).exists()


def test_words_that_twilio_no_longer_has_are_said_to_be_lost(
    twin: TwinProcess, line: Line, naomi: Membership, later: None
) -> None:
    sid = unheard(twin, "Secret")
    twin.redact(sid)
    assert compare(line) == 1
    (text,) = texts(line)
    page = signed_in(naomi).get(f"/conversations/{text.conversation_id}/").content.decode()
    assert "Please ask her to write again" in page


def test_the_page_says_that_a_text_came_late(twin: TwinProcess, line: Line, naomi: Membership, later: None) -> None:
    unheard(twin, "Are you there?")
    compare(line)
    (text,) = texts(line)
    page = signed_in(naomi).get(f"/conversations/{text.conversation_id}/").content.decode()
    assert "Came late" in page


def test_the_health_page_counts_what_was_fetched(twin: TwinProcess, line: Line, adina: Membership, later: None) -> None:
    unheard(twin, "Are you there?")
    compare(line)
    page = signed_in(adina).get("/health/").content.decode()
    assert "came late: they waited in the spool" in page


def test_a_list_that_cannot_be_had_changes_nothing(twin: TwinProcess, line: Line, later: None) -> None:
    unheard(twin, "Patience")
    twin.misbehave("500", method="GET")
    with pytest.raises(Busy):
        compare(line)
    assert texts(line) == []
    assert compare(line) == 1


def test_at_start_every_line_is_compared_and_then_every_five_minutes(twin: TwinProcess, line: Line) -> None:
    unheard(twin, "While you slept")
    keep_reconciling()
    work_after(70)
    assert len(texts(line)) == 1
    (job,) = arranged()
    assert timezone.now() < job.run_at <= timezone.now() + EVERY + timedelta(seconds=70)
    keep_reconciling()
    work_after(71)
    assert len(arranged()) == 1


def test_while_twilio_is_away_the_next_time_is_arranged_and_the_page_says_so(twin: TwinProcess, line: Line) -> None:
    twin.misbehave("500", method="GET", times=-1)
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        reconcile_in_turn(line.center_id, line.pk)
        assert len(arranged()) == 1
        with in_center(line.center_id):
            assert not is_compared(line.center_id)


def test_a_comparison_that_was_given_up_does_not_end_the_chain(
    twin: TwinProcess, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falls_over(*args: object) -> None:
        raise OperationalError

    monkeypatch.setattr("messaging.tasks.reconcile_in_turn", falls_over)
    keep_reconciling()
    for seconds in (1, 60, 120, 180):
        work_after(seconds)
    assert dead_count() == 1
    assert len(arranged()) == 1


def test_a_retired_line_is_compared_no_more(twin: TwinProcess, line: Line) -> None:
    with in_center(line.center_id):
        Line.objects.filter(pk=line.pk).update(retired_at=timezone.now())
    reconcile_in_turn(line.center_id, line.pk)
    keep_reconciling()
    assert arranged() == []


def test_a_worker_that_starts_without_a_database_begins_to_compare_when_it_is_back(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def away_at_first() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError
        keep_reconciling()

    monkeypatch.setattr("messaging.actions.reconciling.keep_reconciling", away_at_first)
    monkeypatch.setattr(celery, "PAUSE", 0)
    monkeypatch.setattr(celery, "_close_connections", lambda: None)  # the test's own transaction stays
    celery.begin_reconciling(threading.Event())
    with in_platform():
        assert Job.objects.filter(kind=Work.RECONCILE, subject_id=line.pk).count() == 1
