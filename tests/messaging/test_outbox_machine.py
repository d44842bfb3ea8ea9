"""Random steps on one reply, against a small model of what may be true of it (OUT-02)."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import Membership
from messaging.actions.delivery import deliver
from messaging.actions.doubts import ask_a_person, decide_unknown, settle
from messaging.actions.replies import undo_reply
from messaging.models import Conversation, FollowUp, FollowUpKind, Line, Message, SendingTrouble, Status
from messaging.models.message import A_PERSON_AFTER
from messaging.twilio import Ambiguous, Busy, Listed, Refused, Sent
from tenancy.scope import in_center
from tests.doors import sid, status_of
from tests.messaging.conftest import Reply, fresh

RUNS, STEPS = 40, 25
REPORTED = ("queued", "sent", "delivered", "undelivered", "failed")
AS = {"queued": Status.ACCEPTED, **{name: Status(name) for name in REPORTED[1:]}}


class Killed(BaseException):
    """The worker's end."""


class Twilio:
    """Takes texts, or says or loses something else."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.answer = ""

    def send_text(self, *args: Any, **kwargs: Any) -> Sent:
        if self.answer in ("taken", "lost answer", "killed after"):
            self.taken.append(sid(len(self.taken) + 100))
        if self.answer in ("killed before", "killed after"):
            raise Killed
        if self.answer == "taken":
            return Sent(self.taken[-1], "queued")
        raise {"busy": Busy(), "refused": Refused(21211)}.get(self.answer) or Ambiguous()

    def texts_sent_to(self, *args: Any, **kwargs: Any) -> list[Listed]:
        return [Listed(text, "sent", "Are you there?", 0, None) for text in self.taken]


ANSWERS = ("taken", "lost answer", "lost request", "busy", "refused", "killed before", "killed after")
AFTER = {
    "taken": Status.ACCEPTED,
    "lost answer": Status.UNKNOWN,
    "lost request": Status.UNKNOWN,
    "busy": Status.QUEUED,
    "refused": Status.FAILED,
    "killed before": Status.SENDING,
    "killed after": Status.SENDING,
}


class Outbox(RuleBasedStateMachine):
    """The model: where the text stands, whether it was ever tried, and how often a person chose to send it again."""

    write: Reply
    naomi: Membership
    line: Line

    def __init__(self) -> None:
        super().__init__()
        self._undone_afterwards = transaction.atomic()
        self._undone_afterwards.__enter__()
        self.twilio, self.message = Twilio(), self.write(self.naomi, "Are you there?")
        self.status, self.was_tried, self.again = Status.QUEUED, False, 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._undone_afterwards.__exit__(None, None, None)

    @property
    def ids(self) -> tuple[UUID, UUID]:
        return self.message.center_id, self.message.pk

    @rule(answer=st.sampled_from(ANSWERS))
    def a_worker_delivers(self, answer: str) -> None:
        self.twilio.answer = answer
        with in_center(self.message.center_id):
            SendingTrouble.objects.all().delete()  # a line that pauses after five failures has tests of its own
        with patch("messaging.actions.delivery.send_text", self.twilio.send_text), suppress(Busy, Killed):
            deliver(*self.ids)
        if self.status == Status.QUEUED:
            self.status = AFTER[answer]
            self.was_tried = self.was_tried or answer != "busy"
        elif self.status == Status.SENDING:
            self.status = Status.UNKNOWN

    @rule(said=st.sampled_from(REPORTED))
    @precondition(lambda self: self.twilio.taken)
    def twilio_reports(self, said: str) -> None:
        known = fresh(self.message).twilio_sid
        status_of(self.line, self.message.pk, said, known or self.twilio.taken[-1])
        if self.status != Status.UNDONE:
            self.status = max(self.status, AS[said], key=lambda status: status.rank)

    @rule()
    def the_list_is_looked_at(self) -> None:
        with patch("messaging.actions.doubts.texts_sent_to", self.twilio.texts_sent_to):
            settle(*self.ids)
        if self.status == Status.UNKNOWN and self.twilio.taken:
            self.status = Status.SENT

    @rule()
    def ten_minutes_are_over(self) -> None:
        ask_a_person(*self.ids)
        if self.status == Status.UNKNOWN:
            with in_center(self.message.center_id):
                assert FollowUp.objects.open().filter(message=self.message, kind=FollowUpKind.UNSURE).exists()

    @rule(resend=st.booleans())
    def a_person_decides(self, resend: bool) -> None:
        with in_center(self.message.center_id):
            Message.objects.filter(status=Status.UNKNOWN).update(sending_since=timezone.now() - A_PERSON_AFTER)
            decided = decide_unknown(fresh(self.message), by=self.naomi, resend=resend)
        assert decided == (self.status == Status.UNKNOWN)
        if decided:
            self.status = Status.QUEUED if resend else Status.FAILED
            self.again += resend

    @rule()
    def she_takes_it_back(self) -> None:
        with in_center(self.message.center_id):
            words = undo_reply(fresh(self.message), by=self.naomi)
        assert (words is not None) == (self.status == Status.QUEUED and not self.was_tried)
        if words is not None:
            self.status = Status.UNDONE

    @invariant()
    def it_stands_where_the_model_says(self) -> None:
        assert fresh(self.message).status == self.status

    @invariant()
    def it_was_taken_once_and_once_more_for_each_time_that_a_person_said_so(self) -> None:
        assert len(self.twilio.taken) <= 1 + self.again


@pytest.fixture
def run(reply: Reply, naomi: Membership, line: Line) -> Callable[[], None]:
    Outbox.write, Outbox.naomi, Outbox.line = staticmethod(reply), naomi, line  # type: ignore[assignment]
    calmly = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    return lambda: run_state_machine_as_test(Outbox, settings=calmly)  # type: ignore[no-untyped-call]


@pytest.mark.django_db
def test_whatever_happens_a_text_is_where_the_model_says_and_is_taken_at_most_once(run: Callable[[], None]) -> None:
    run()


@pytest.mark.django_db
def test_an_outbox_that_sends_again_by_itself_is_found_out(
    run: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def send_again(row: Conversation, message_id: UUID) -> None:
        Message.objects.filter(pk=message_id).update(status=Status.QUEUED)

    monkeypatch.setattr("messaging.actions.delivery.not_sure", send_again)
    with pytest.raises(AssertionError):
        run()
