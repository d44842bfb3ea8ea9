"""Twilio that takes nothing is asked ever less often; what waits goes out oldest first, and nothing old unasked."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from config import modes
from jobs.models import Job
from messaging.actions import pausing
from messaging.actions.delivery import deliver
from messaging.actions.pausing import LONGEST_PAUSE, PAUSE_AFTER, Paused
from messaging.actions.work import Work
from messaging.models import FollowUp, FollowUpKind, Line, Message, SendingTrouble, Status
from messaging.twilio import door_to
from tenancy.scope import in_center, in_platform
from tests.doors import browser, signed_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
HOUR = 3600.0


def trouble(line: Line) -> SendingTrouble | None:
    with in_center(line.center_id):
        return SendingTrouble.objects.filter(line=line).first()


def owed(message: Message) -> set[str]:
    with in_center(message.center_id):
        return set(FollowUp.objects.open().filter(message=message).values_list("kind", flat=True))


def work_through(seconds: float, step: float = 5) -> None:
    """Time passes, and whatever becomes due is done."""
    passed = 0.0
    while passed < seconds:
        passed += step
        work_after(passed)


def test_an_outage_of_hours_loses_nothing_and_all_of_it_goes_out_once_oldest_first(
    twin: TwinProcess, line: Line, reply: Reply, naomi: Membership
) -> None:
    texts = [reply(naomi, f"text {number}") for number in range(4)]
    twin.misbehave("429", method="POST", times=-1)
    work_through(2 * HOUR, step=30)
    assert {fresh(text).status for text in texts} == {Status.QUEUED}
    assert all(not owed(text) for text in texts)
    held = trouble(line)
    assert held is not None
    assert held.failures >= PAUSE_AFTER

    twin.ask("DELETE", "/twin/faults")
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        work_through(LONGEST_PAUSE.total_seconds() + 120)
    assert [text["body"] for text in twin.texts] == [f"text {number}" for number in range(4)]
    assert {fresh(text).status for text in texts} == {Status.ACCEPTED}
    assert trouble(line) is None


def test_while_it_pauses_twilio_is_not_asked_and_then_by_one_text_alone(
    twin: TwinProcess, line: Line, reply: Reply, naomi: Membership
) -> None:
    texts = [reply(naomi, f"text {number}") for number in range(8)]
    twin.misbehave("429", method="POST", times=-1)
    work_after(6)
    held = trouble(line)
    assert held is not None
    assert held.failures == PAUSE_AFTER, "eight wait, and five of them were enough to know"
    with time_machine.travel(timezone.now() + timedelta(seconds=6)), pytest.raises(Paused):
        deliver(line.center_id, texts[7].pk)
    work_after(6 + 15 + 10)
    again = trouble(line)
    assert again is not None
    assert again.failures == PAUSE_AFTER + 1
    assert again.paused_until and held.paused_until
    assert again.paused_until - held.paused_until > timedelta(seconds=30), "it asks ever less often"


def test_a_single_failure_pauses_nothing_and_an_answer_forgets_it(
    twin: TwinProcess, line: Line, reply: Reply, naomi: Membership
) -> None:
    message = reply(naomi)
    twin.misbehave("429", method="POST", times=1)
    work_after(6)
    held = trouble(line)
    assert held is not None
    assert held.paused_until is None
    work_after(20)
    assert fresh(message).status == Status.ACCEPTED
    assert trouble(line) is None


def test_an_account_that_is_refused_stops_once_tells_somebody_and_tries_nothing_blindly(
    twin: TwinProcess, line: Line, reply: Reply, naomi: Membership, adina: Membership
) -> None:
    first, second = reply(naomi, "one"), reply(naomi, "two")
    twin.misbehave("401", method="POST", times=1)
    work_through(HOUR, step=60)
    assert twin.texts == [], "Twilio would take them by now, but nobody has said so"
    assert {fresh(first).status, fresh(second).status} == {Status.QUEUED}
    assert owed(first) | owed(second) == {FollowUpKind.SENDING_STOPPED}
    with in_platform():
        assert LogEntry.objects.get(event=Event.SENDING_STOPPED).facts == {"code": 20003}

    desk = signed_in(adina)
    assert "No text leaves" in desk.get("/health/").content.decode()
    assert signed_in(naomi).post(f"/health/send-again/{line.pk}/").status_code == 403
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):  # by then nobody can take them back
        assert desk.post(f"/health/send-again/{line.pk}/").status_code == 302
    assert "No text leaves" not in desk.get("/health/").content.decode()
    work_after(11)
    assert [text["body"] for text in twin.texts] == ["one", "two"]
    assert owed(first) | owed(second) == set()


def test_whatever_waits_is_brought_forward_by_one_statement_oldest_first(
    line: Line, reply: Reply, naomi: Membership, adina: Membership
) -> None:
    texts = [reply(naomi, f"text {number}") for number in range(30)]
    with in_center(line.center_id):
        SendingTrouble.objects.create(line=line, center_id=line.center_id, stopped_code=20003)
        Message.objects.filter(pk__in=[text.pk for text in texts]).update(send_after=timezone.now())
        with in_platform():
            Job.objects.filter(kind=Work.DELIVER).update(run_at=timezone.now() + timedelta(minutes=5))
        with CaptureQueriesContext(connection) as asked:
            pausing.send_again(line, by=adina)
    assert len([query for query in asked if query["sql"].startswith('UPDATE "jobs_job"')]) == 1
    with in_platform():
        brought = Job.objects.due(timezone.now()).filter(kind=Work.DELIVER).order_by("run_at")
        assert [job.subject_id for job in brought] == [text.pk for text in texts]


def test_what_may_still_be_taken_back_does_not_leave_early_when_a_line_goes_on(
    line: Line, reply: Reply, naomi: Membership, adina: Membership
) -> None:
    message = reply(naomi, "still mine")
    with in_center(line.center_id):
        SendingTrouble.objects.create(line=line, center_id=line.center_id, stopped_code=20003)
    planned = job_of(message).run_at
    assert planned > timezone.now(), "its time for taking it back must not be over, or this proves nothing"
    signed_in(adina).post(f"/health/send-again/{line.pk}/")
    assert job_of(message).run_at == planned


def test_another_lines_texts_keep_their_time_when_a_line_goes_on(
    line: Line, reply: Reply, naomi: Membership, adina: Membership
) -> None:
    message = reply(naomi, "of a line that pauses")
    with in_center(line.center_id):
        other = Line.objects.create(center_id=line.center_id, number="+16145550198", credentials=line.credentials)
        SendingTrouble.objects.create(line=other, center_id=line.center_id, stopped_code=20003)
        Message.objects.filter(pk=message.pk).update(send_after=timezone.now())
    planned = job_of(message).run_at
    signed_in(adina).post(f"/health/send-again/{other.pk}/")
    assert job_of(message).run_at == planned


def job_of(message: Message) -> Job:
    with in_platform():
        return Job.objects.get(kind=Work.DELIVER, subject_id=message.pk)


def test_the_health_page_names_a_line_that_pauses_and_no_longer_when_its_pause_is_over(
    line: Line, adina: Membership
) -> None:
    desk, words = signed_in(adina), "Twilio takes no texts of this line at the moment"
    with in_center(line.center_id):
        held = SendingTrouble.objects.create(
            line=line, center_id=line.center_id, failures=5, paused_until=timezone.now() + timedelta(minutes=1)
        )
    page = desk.get("/health/").content.decode()
    assert words in page
    assert held.paused_until is not None
    until = held.paused_until.astimezone(line.center.zone).isoformat()
    assert f'One text is tried again at <local-time datetime="{until}"' in " ".join(page.split())
    with in_center(line.center_id):
        SendingTrouble.objects.filter(pk=held.pk).update(paused_until=timezone.now())
    assert words not in desk.get("/health/").content.decode()


def test_an_admin_of_another_center_cannot_have_it_sent_again(line: Line, mara: Membership) -> None:
    with in_center(line.center_id):
        SendingTrouble.objects.create(line=line, center_id=line.center_id, stopped_code=20003)
    assert signed_in(mara).post(f"/health/send-again/{line.pk}/").status_code in (403, 404)
    assert trouble(line) is not None


def late_by_a_day(message: Message) -> Message:
    with in_center(message.center_id):
        moment = timezone.now() - timedelta(hours=24, minutes=1)
        Message.objects.filter(pk=message.pk).update(created_at=moment, send_after=moment)
        with in_platform():
            Job.objects.waiting().update(run_at=timezone.now())
    return fresh(message)


def test_words_of_yesterday_do_not_leave_before_a_person_says_so(
    twin: TwinProcess, reply: Reply, naomi: Membership
) -> None:
    message = late_by_a_day(reply(naomi, "See you today at three"))
    work_after(1)
    assert twin.texts == []
    assert owed(message) == {FollowUpKind.STALE}
    desk = signed_in(naomi)
    thread = f"/conversations/{message.conversation_id}/"
    assert "Are the words still right?" in desk.get(thread).content.decode()

    assert desk.post(f"/messages/{message.pk}/decision/", {"decision": "resend"}).status_code == 200
    work_after(1)
    assert [text["body"] for text in twin.texts] == ["See you today at three"]
    assert owed(message) == set()
    assert "Are the words still right?" not in desk.get(thread).content.decode()


def test_words_of_yesterday_can_be_taken_back_and_come_home(twin: TwinProcess, reply: Reply, naomi: Membership) -> None:
    message = late_by_a_day(reply(naomi, "See you today at three"))
    work_after(1)
    page = signed_in(naomi).post(f"/messages/{message.pk}/undo/").content.decode()
    assert "See you today at three</textarea>" in page
    assert fresh(message).status == Status.UNDONE
    assert owed(message) == set()
    work_after(HOUR)
    assert twin.texts == []


def test_every_page_hears_that_sending_is_paused_when_no_line_sends(line: Line) -> None:
    with in_center(line.center_id):
        SendingTrouble.objects.create(line=line, center_id=line.center_id, failures=1)
    assert browser().get("/health/modes", secure=True).json()["modes"] == []
    with in_center(line.center_id):
        SendingTrouble.objects.update(paused_until=timezone.now() + timedelta(minutes=1))
    modes.forget()
    assert browser().get("/health/modes", secure=True).json()["modes"] == ["sending_paused"]


def test_pauses_grow_to_five_minutes_and_no_further(line: Line) -> None:
    with in_center(line.center_id):
        door, now = door_to(line), timezone.now()
        pauses = [pausing.note_failure(door, now) for _ in range(20)]
    assert pauses[:4] == [None] * 4
    left = [until - timezone.now() for until in pauses if until]
    assert timedelta(seconds=15) < left[0] < timedelta(seconds=26)
    assert LONGEST_PAUSE < left[-1] < LONGEST_PAUSE + timedelta(seconds=10)
    assert left == sorted(left) or left[-1] - left[-2] < timedelta(seconds=1)


def test_a_pause_that_is_over_is_no_pause_any_more(line: Line) -> None:
    with in_center(line.center_id):
        SendingTrouble.objects.create(
            line=line, center_id=line.center_id, failures=5, paused_until=timezone.now() - timedelta(seconds=1)
        )
    assert browser().get("/health/modes", secure=True).json()["modes"] == []
