"""Calls, as far as they are answered yet: every caller hears a sentence and is called back."""

from typing import Any

import pytest

from accounts.models import Membership
from messaging.actions.closing import close
from messaging.actions.promises import settle
from messaging.models import (
    Conversation,
    FollowUp,
    FollowUpKind,
    FollowUpOutcome,
    Line,
    Outcome,
    PhoneNumber,
)
from tenancy.scope import in_center
from tests.doors import text_in

pytestmark = pytest.mark.django_db


def call(line: Line, hook: str = "voice", **replaced: Any) -> Any:
    status = "ringing" if hook == "voice" else "completed"
    values = {"MessageSid": None, "SmsSid": None, "CallSid": "CA" + "1" * 32, "CallStatus": status}
    return text_in(line, hook=hook, **{**values, **replaced})


def owed(line: Line) -> int:
    with in_center(line.center_id):
        return FollowUp.objects.open().filter(kind=FollowUpKind.MISSED_CALL).count()


def test_a_caller_hears_a_neutral_sentence_in_both_languages(line: Line) -> None:
    response = call(line)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml"
    said = response.content.decode()
    assert "Nobody can take your call right now" in said
    assert "Gracias por llamar" in said
    assert said.endswith("<Hangup/></Response>")


def test_a_call_and_its_end_owe_one_call_back(line: Line) -> None:
    call(line)
    call(line)
    call(line, "call_status")
    call(line, "call_status")
    assert owed(line) == 1


def test_the_end_of_a_call_whose_beginning_was_lost_owes_a_call_back(line: Line) -> None:
    assert call(line, "call_status", CallStatus="no-answer").status_code == 204
    assert owed(line) == 1


def test_a_report_that_comes_after_somebody_dealt_with_it_owes_nothing_more(line: Line, naomi: Membership) -> None:
    call(line)
    with in_center(line.center_id):
        settle(FollowUp.objects.get(), outcome=FollowUpOutcome.DONE, by=naomi)
    call(line, "call_status")
    assert owed(line) == 0


def test_a_second_call_owes_a_call_back_again(line: Line, naomi: Membership) -> None:
    call(line)
    with in_center(line.center_id):
        settle(FollowUp.objects.get(), outcome=FollowUpOutcome.DONE, by=naomi)
    call(line, CallSid="CA" + "2" * 32)
    assert owed(line) == 1


@pytest.mark.parametrize("caller", ["anonymous", "unknown", "+266696687", "client:naomi"])
def test_a_withheld_number_hears_the_sentence_and_leaves_nobody_to_call(line: Line, caller: str) -> None:
    assert call(line, From=caller).status_code == 200
    with in_center(line.center_id):
        assert not PhoneNumber.objects.exists()


def test_a_call_opens_a_closed_conversation_again(line: Line, conversation: Conversation, naomi: Membership) -> None:
    with in_center(line.center_id):
        close(conversation, outcome=Outcome.ANSWERED, by=naomi)
    call(line)
    with in_center(line.center_id):
        again = Conversation.objects.get()
        assert again.is_open
        assert again.waiting_since is not None


def test_a_text_after_a_missed_call_is_owed_an_answer_of_its_own(line: Line) -> None:
    call(line)
    text_in(line, "I just called")
    with in_center(line.center_id):
        kinds = set(FollowUp.objects.open().values_list("kind", flat=True))
        assert kinds == {FollowUpKind.MISSED_CALL, FollowUpKind.REPLY}


@pytest.mark.parametrize("replaced", [{"CallSid": None}, {"CallSid": "CA1"}, {"CallStatus": None}, {"From": None}])
def test_a_malformed_call_is_refused(line: Line, replaced: dict[str, Any]) -> None:
    assert call(line, **replaced).status_code == 400
    assert owed(line) == 0
