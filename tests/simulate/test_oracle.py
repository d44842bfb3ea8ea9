"""The oracle is shown to see what it must see: an oracle that cannot say no proves nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone

from accounts.models import Membership
from audit.models import LogEntry
from audit.sequencer import sequence_all
from jobs.models import Job
from messaging.actions.reconciling import keep_reconciling
from messaging.actions.work import Work
from messaging.models import Conversation, Line, Message, Status
from simulate import oracle
from simulate.desk import Answers
from simulate.promises import files, stops, views
from simulate.run import MORE_FILES, _grown
from tenancy.scope import in_center
from tests.cast import PHONE
from tests.doors import SID, sid, text_in
from tests.messaging.conftest import Reply, conversation, reply  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(line: Line, conversation: Conversation) -> Iterator[None]:  # noqa: F811  # the fixture above
    with in_center(line.center_id):
        yield


def heard(sid: str = SID, body: str = "I need to talk") -> dict[str, Any]:
    return {"messages": [{"sid": sid, "body": body, "direction": "inbound"}], "acknowledged": {}, "unsure": {}}


def rows() -> list[Message]:
    return list(Message.objects.all())


def test_what_is_right_is_called_right(here: None) -> None:
    assert list(oracle._received(rows(), heard())) == []
    assert list(oracle._recorded(rows())) == []


def test_a_lost_text_is_seen(here: None) -> None:
    assert list(oracle._received([], heard())) == [f"I1: lost {SID}"]


def test_other_words_are_seen(here: None) -> None:
    assert list(oracle._received(rows(), heard(body="Something else"))) == [f"I1: other words in {SID}"]


def test_a_text_that_is_here_twice_is_seen(here: None) -> None:
    assert list(oracle._received([*rows(), *rows()], heard())) == [f"I1: 2 times {SID}"]


def test_a_text_without_its_entry_is_seen(here: None) -> None:
    (row,) = rows()
    row.pk = row.conversation_id
    assert list(oracle._recorded([row])) == [f"I4: 0 entries of {row.pk}"]
    assert LogEntry.objects.exists()


def outbound(body: str, times: int) -> dict[str, Any]:
    return {**heard(), "messages": [{"sid": "x", "body": body, "direction": "outbound-api"}] * times}


def test_a_text_that_was_sent_twice_is_seen(here: None, reply: Reply, naomi: Membership) -> None:  # noqa: F811
    message = reply(naomi, "Once")
    assert list(oracle._sent(rows(), outbound("Once", 1))) == []
    assert list(oracle._sent(rows(), outbound("Once", 2))) == [f"I2: sent 2 times: {message.pk}"]


def test_a_reply_that_was_acknowledged_and_is_not_here_is_seen(here: None) -> None:
    told = {**heard(), "acknowledged": {"some-key": "words"}}
    assert list(oracle._sent(rows(), told)) == ["I2: a reply was lost: some-key"]


def test_a_text_that_never_left_is_seen(here: None, reply: Reply, naomi: Membership) -> None:  # noqa: F811
    message = reply(naomi, "Waiting")
    assert list(oracle._settled(rows())) == [f"I3: still queued: {message.pk}"]


def test_a_doubt_that_nobody_is_asked_about_is_seen(here: None, reply: Reply, naomi: Membership) -> None:  # noqa: F811
    message = reply(naomi, "Perhaps")
    old = timezone.now() - 2 * oracle.YOUNG
    Message.objects.filter(pk=message.pk).update(status=Status.UNKNOWN, created_at=old)
    assert list(oracle._settled(rows())) == [f"I3: in doubt, and nobody is asked: {message.pk}"]


def moment(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def to_her(seconds: float, **more: Any) -> dict[str, Any]:
    """A text of ours that the twin accepted so many seconds from now."""
    text = {"sid": "x", "body": "Hi", "direction": "outbound-api", "person": PHONE}
    return {**heard(), "messages": [{**text, "accepted_at": moment(seconds).timestamp(), **more}]}


@pytest.fixture
def stopped(here: None, line: Line) -> None:
    assert text_in(line, "STOP", MessageSid=sid(2)).status_code == 200


STOP = {"direction": "inbound", "body": "STOP"}


def test_a_text_that_was_claimed_while_a_stop_stood_is_seen(
    here: None,
    reply: Reply,  # noqa: F811
    naomi: Membership,
    line: Line,
) -> None:
    message = reply(naomi, "Too late")
    text_in(line, "STOP", MessageSid=sid(2))
    before, after = moment(-60), moment(60)
    Message.objects.filter(pk=message.pk).update(sending_since=before)
    assert list(stops.kept(rows(), to_her(0, **STOP))) == []
    Message.objects.filter(pk=message.pk).update(sending_since=after)
    assert list(stops.kept(rows(), to_her(0, **STOP))) == [f"I7: claimed after her stop: {message.pk}"]


def test_a_text_that_was_accepted_long_after_a_stop_is_seen(stopped: None) -> None:
    assert [found for found in stops.kept(rows(), to_her(5)) if "accepted" in found] == []
    assert [found for found in stops.kept(rows(), to_her(40)) if "accepted" in found] != []


def test_a_last_word_that_was_not_heeded_is_seen(stopped: None) -> None:
    assert list(stops.kept(rows(), to_her(0, **STOP))) == []
    assert list(stops.kept(rows(), to_her(0, **{**STOP, "body": "START"}))) == [
        "I7: her last word was START, and it is not so: 101"
    ]


def test_a_stop_that_does_not_stand_is_seen(here: None) -> None:
    assert list(stops.kept(rows(), to_her(0, **STOP))) == ["I7: her last word was STOP, and it is not so: 101"]


def pages(conversation: Conversation, shown: dict[str, tuple[int, str]], **more: Any) -> dict[str, Any]:  # noqa: F811
    return {"odd": [], "doubled": [], "pages": {str(conversation.pk): shown}, **more}


def test_a_page_that_shows_what_is_there_is_right(
    here: None,
    conversation: Conversation,  # noqa: F811
    reply: Reply,  # noqa: F811
    naomi: Membership,
) -> None:
    message = reply(naomi, "Hello")
    shown = {str(row.pk): (row.sequence, row.status if not row.is_inbound else "") for row in rows()}
    taken = conversation.events.get()
    shown[str(taken.pk)] = (taken.sequence, "")
    assert list(views.equal(rows(), pages(conversation, shown))) == []
    shown[str(message.pk)] = (message.sequence, "delivered")
    assert list(views.equal(rows(), pages(conversation, shown))) != [], "another status"
    del shown[str(message.pk)]
    assert list(views.equal(rows(), pages(conversation, shown))) != [], "an entry that is missing"


def test_a_bubble_that_is_shown_twice_is_seen(here: None, conversation: Conversation) -> None:  # noqa: F811
    (row,) = rows()
    twice = {str(row.pk): (1, ""), "another": (1, "")}
    assert list(views.equal(rows(), pages(conversation, twice))) != []
    once = {str(row.pk): (1, "")}
    assert list(views.equal(rows(), pages(conversation, once, doubled=[str(row.pk)]))) != []


def test_an_answer_that_no_browser_should_get_is_seen(here: None, conversation: Conversation) -> None:  # noqa: F811
    (row,) = rows()
    told = pages(conversation, {str(row.pk): (1, "")}, odd=["GET 500 /"])
    assert list(views.equal(rows(), told)) == ["I5: a browser was answered GET 500 /"]


def test_what_a_browser_may_be_answered() -> None:
    answers = Answers()
    for status, headers in ((200, {}), (201, {}), (409, {}), (422, {}), (503, {"Retry-After": "5"})):
        answers.note("GET", answered(status, headers))
    assert answers.odd == []
    for status in (500, 502, 503, 403, 404):
        answers.note("GET", answered(status, {}))
    assert len(answers.odd) == 5


def answered(status: int, headers: dict[str, str]) -> requests.Response:
    answer = requests.Response()
    answer.status_code, answer.url = status, "http://here/"
    answer.headers.update(headers)
    return answer


def test_a_file_without_its_place_is_seen(here: None) -> None:
    (row,) = rows()
    assert list(files.there([row])) == []
    row.media_count = 1
    assert list(files.there([row])) == [f"I1: 0 places for 1 files of {row.pk}"]


def test_a_file_that_nobody_fetches_is_seen(here: None, line: Line) -> None:
    text_in(
        line, "", MessageSid=sid(3), NumMedia="1", MediaUrl0="https://api.twilio.com/x", MediaContentType0="image/png"
    )
    assert list(files.there(rows())) == []
    Job.objects.filter(kind=Work.FETCH_FILES).delete()
    assert len(list(files.there(rows()))) == 1


def test_a_call_that_is_not_here_is_seen(here: None) -> None:
    assert list(oracle._called({"calls": []})) == []
    assert list(oracle._called({"calls": [{"sid": "CA1"}]})) == ["I1: 0 times the call CA1"]


def test_one_automatic_answer_too_many_is_seen(here: None) -> None:
    assert list(oracle._automatic(rows(), to_her(0))) == ["I2: 1 automatic answers for 0 in 101"]
    assert list(oracle._automatic(rows(), heard())) == []


def test_a_job_that_is_tried_for_ever_is_seen(here: None, line: Line) -> None:
    job = Job.objects.first()
    assert job is not None
    assert list(oracle._bounded()) == []
    Job.objects.filter(pk=job.pk).update(attempts=99)
    assert list(oracle._bounded()) == [f"I8: tried 99 times: {job.kind}"]


def test_a_job_that_was_given_up_is_seen_and_so_is_an_end_of_comparing(here: None, line: Line) -> None:
    assert list(oracle._worked()) == ["I3: no comparison with Twilio's lists is arranged"]
    keep_reconciling()
    assert list(oracle._worked()) == []
    job = Job.objects.exclude(kind=Work.RECONCILE).first()
    assert job is not None
    Job.objects.filter(pk=job.pk).update(dead_at=timezone.now(), last_error="Busy")
    assert list(oracle._worked()) == [f"I3: given up 1 times: {job.kind}, Busy"]


def test_an_entry_that_waits_for_its_number_is_seen(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "LAG", 0)
    assert list(oracle._numbered()) != []
    sequence_all()
    assert list(oracle._numbered()) == []


def test_descriptors_that_grow_are_seen() -> None:
    assert _grown({"web": 20}, {"web": 20 + MORE_FILES}) == []
    assert _grown({"web": 20}, {"web": 21 + MORE_FILES}) != []


def test_a_text_that_was_emptied_at_twilio_is_not_called_other_words(here: None) -> None:
    told = heard(body="")
    told["messages"][0]["redacted"] = True
    assert list(oracle._received(rows(), told)) == []


def test_a_stop_may_stand_when_a_word_of_hers_came_late(stopped: None) -> None:
    told = to_her(0, **{**STOP, "body": "START"})
    Message.objects.filter(twilio_sid=sid(2)).update(said_at=moment(-60))
    assert list(stops.kept(rows(), told)) == []
