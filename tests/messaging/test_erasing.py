"""Nothing is left at Twilio: what is stored and settled is erased there, and found to be gone."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.erasing import count_in_time, count_overdue, erase_what_is_settled
from messaging.models import Attachment, AttachmentState, Line, Message
from tenancy.scope import in_center
from tests.cast import LINE_NUMBER, PHONE
from tests.doors import signed_in, status_of, text_in
from tests.messaging.conftest import Reply, fresh, work_after
from tests.twin_process import TwinProcess

pytestmark = pytest.mark.django_db
KEPT = timedelta(hours=49)


def taken_in(twin: TwinProcess, line: Line, body: str = "Hello", **more: str) -> str:
    """A text that Twilio holds and that came in by its webhook."""
    (row,) = twin.ask("POST", "/twin/send", {"from": PHONE, "to": LINE_NUMBER, "body": body})["messages"]
    assert text_in(line, body, MessageSid=row["sid"], **more).status_code == 200
    return str(row["sid"])


def erase(line: Line, after: timedelta = KEPT) -> int:
    with time_machine.travel(timezone.now() + after):
        return erase_what_is_settled(line.center_id, line.pk)


def overdue(line: Line, after: timedelta = KEPT) -> int:
    with time_machine.travel(timezone.now() + after + timedelta(hours=1)), in_center(line.center_id):
        return count_overdue(line.center_id)


def at_twilio(twin: TwinProcess) -> list[str]:
    return [text["sid"] for text in twin.ledger["messages"] if not text["deleted_at"]]


def test_a_text_that_is_stored_here_is_erased_there(twin: TwinProcess, line: Line) -> None:
    taken_in(twin, line)
    assert erase(line) == 1
    assert at_twilio(twin) == []
    assert overdue(line) == 0
    with in_center(line.center_id):
        assert Message.objects.get().body == "Hello"
        assert LogEntry.objects.filter(event=Event.ERASED_AT_TWILIO).count() == 1


def test_a_young_text_stays_until_a_backup_holds_it(twin: TwinProcess, line: Line) -> None:
    sid = taken_in(twin, line)
    assert erase(line, timedelta(hours=47)) == 0
    assert at_twilio(twin) == [sid]


def test_erasing_twice_asks_for_nothing_twice(twin: TwinProcess, line: Line) -> None:
    taken_in(twin, line)
    erase(line)
    assert erase(line) == 0


def test_a_delivered_reply_is_erased_and_one_under_way_stays(
    twin: TwinProcess, reply: Reply, naomi: Membership, line: Line
) -> None:
    message = reply(naomi)
    work_after(6)
    sid = fresh(message).twilio_sid
    assert erase(line) == 1  # her text; the twin never held it, so it is gone there
    assert at_twilio(twin) == [sid]
    status_of(line, message.pk, "delivered", str(sid))
    assert erase(line) == 1
    assert at_twilio(twin) == []


def test_a_reply_that_never_got_further_than_sent_is_erased_after_three_days(
    twin: TwinProcess, reply: Reply, naomi: Membership, line: Line
) -> None:
    message = reply(naomi)
    work_after(6)
    status_of(line, message.pk, "sent", str(fresh(message).twilio_sid))
    erase(line)
    assert fresh(message).erased_at is None
    erase(line, timedelta(days=4))
    assert fresh(message).erased_at is not None


def test_a_text_with_pictures_that_were_not_fetched_stays_and_is_counted(twin: TwinProcess, line: Line) -> None:
    taken_in(twin, line, NumMedia="1")
    assert erase(line) == 0
    assert overdue(line) == 1


@pytest.mark.parametrize("trouble", ["500", "401", "429", "drop_before", "drop_after_accept"])
def test_what_could_not_be_erased_is_tried_at_the_next_pass(twin: TwinProcess, line: Line, trouble: str) -> None:
    taken_in(twin, line)
    twin.misbehave(trouble, match={"method": "DELETE"})
    assert erase(line) == 0
    assert overdue(line) == 1
    assert erase(line) == 1
    assert overdue(line) == 0


def test_a_text_that_is_still_there_after_its_erasure_is_not_called_gone(twin: TwinProcess, line: Line) -> None:
    taken_in(twin, line)
    twin.misbehave("500", match={"method": "GET"})
    assert erase(line) == 0
    assert overdue(line) == 1


def test_what_twilio_may_still_hold_is_told_from_what_is_overdue(
    twin: TwinProcess, line: Line, adina: Membership
) -> None:
    taken_in(twin, line)
    with in_center(line.center_id):
        assert (count_in_time(line.center_id), count_overdue(line.center_id)) == (1, 0)
        Message.objects.update(created_at=timezone.now() - KEPT)
        assert (count_in_time(line.center_id), count_overdue(line.center_id)) == (0, 1)
    assert "may hold for now" in signed_in(adina).get("/health/").content.decode()


def test_pictures_that_could_not_be_fetched_are_there_for_two_weeks_and_no_longer(
    twin: TwinProcess, line: Line
) -> None:
    taken_in(twin, line, NumMedia="1")
    with in_center(line.center_id):
        Attachment.objects.update(state=AttachmentState.LOST)
    assert erase(line, timedelta(days=13)) == 0
    assert erase(line, timedelta(days=15)) == 1
    assert at_twilio(twin) == []
