"""Status callbacks: late, doubled, in any order, for messages that nobody knows."""

from itertools import permutations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import Center, Membership
from audit.events import Event
from audit.models import LogEntry
from messaging.actions.lines import add_line
from messaging.models import (
    Conversation,
    FollowUp,
    FollowUpKind,
    Line,
    Message,
    Status,
    StatusReport,
)
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import ACCOUNT, TOKEN
from tests.doors import sid, status_of
from tests.messaging.conftest import Reply, fresh

pytestmark = pytest.mark.django_db

SAYS = ["queued", "sending", "sent", "undelivered", "failed", "delivered", "read"]
OURS = sid(9)


@pytest.fixture
def sending(reply: Reply, naomi: Membership) -> Message:
    message = reply(naomi)
    with in_center(message.center_id):
        Message.objects.filter(pk=message.pk).update(status=Status.SENDING)
    return fresh(message)


def standing(message: Message) -> tuple[str, int | None, bool, set[str]]:
    """What people see of it: its status, its error, whether the conversation counts as failed, what is owed."""
    now = fresh(message)
    with in_center(message.center_id):
        conversation = Conversation.objects.get(pk=message.conversation_id)
        owed = set(FollowUp.objects.open().values_list("kind", flat=True))
    return now.status, now.error_code, conversation.failed_at is not None, owed


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("accepted", Status.ACCEPTED),
        ("queued", Status.ACCEPTED),
        ("sending", Status.ACCEPTED),
        ("sent", Status.SENT),
        ("delivered", Status.DELIVERED),
        ("read", Status.READ),
        ("undelivered", Status.UNDELIVERED),
        ("failed", Status.FAILED),
        ("canceled", Status.FAILED),
        ("something_new", Status.ACCEPTED),
    ],
)
def test_a_report_lifts_the_message_and_is_kept(line: Line, sending: Message, said: str, status: Status) -> None:
    assert status_of(line, sending.pk, said, OURS).status_code == 204
    assert (fresh(sending).status, fresh(sending).twilio_sid) == (status, OURS)
    with in_center(line.center_id):
        assert StatusReport.objects.get().status == said


def test_a_report_that_comes_before_the_answer_of_the_call_is_believed(line: Line, sending: Message) -> None:
    assert sending.twilio_sid is None
    status_of(line, sending.pk, "delivered", OURS)
    assert (fresh(sending).status, fresh(sending).twilio_sid) == (Status.DELIVERED, OURS)


def test_a_failure_owes_somebody_a_look_once(line: Line, sending: Message) -> None:
    for _ in range(3):
        status_of(line, sending.pk, "undelivered", OURS, ErrorCode="30003")

    assert standing(sending) == (Status.UNDELIVERED, 30003, True, {FollowUpKind.FAILED})
    with in_center(line.center_id):
        assert FollowUp.objects.filter(kind=FollowUpKind.FAILED).count() == 1
        assert StatusReport.objects.count() == 3


def test_a_delivery_that_comes_after_a_failure_takes_the_failure_back(line: Line, sending: Message) -> None:
    status_of(line, sending.pk, "undelivered", OURS, ErrorCode="30003")
    status_of(line, sending.pk, "delivered", OURS)
    assert standing(sending) == (Status.DELIVERED, None, False, set())


def test_a_failure_that_comes_after_the_delivery_changes_nothing(line: Line, sending: Message) -> None:
    status_of(line, sending.pk, "delivered", OURS)
    status_of(line, sending.pk, "undelivered", OURS, ErrorCode="30003")
    assert standing(sending) == (Status.DELIVERED, None, False, set())


@pytest.mark.parametrize("said", [("sent", "undelivered", "failed"), ("sent", "failed", "delivered")])
def test_every_order_of_three_ends_alike(line: Line, sending: Message, said: tuple[str, ...]) -> None:
    assert len({_after(line, sending, order) for order in permutations(said)}) == 1


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.permutations(SAYS), doubled=st.lists(st.sampled_from(SAYS), max_size=3))
def test_any_order_of_all_seven_with_doubles_ends_as_read(
    line: Line, sending: Message, orders: list[str], doubled: list[str]
) -> None:
    assert _after(line, sending, [*orders, *doubled]) == (Status.READ, None, False, ())


def _after(line: Line, message: Message, said: tuple[str, ...] | list[str]) -> tuple[object, ...]:
    """How the message stands after these reports; everything is taken back afterwards."""
    with transaction.atomic():
        for word in said:
            status_of(line, message.pk, word, OURS)
        status, code, has_failed, owed = standing(message)
        transaction.set_rollback(True)
    return status, code, has_failed, tuple(sorted(owed))


def test_an_unknown_message_is_answered_and_noted(line: Line) -> None:
    assert status_of(line, uuid7(), "sent", OURS).status_code == 204
    assert status_of(line, None, "sent", OURS).status_code == 204
    with in_center(line.center_id):
        assert LogEntry.objects.filter(event=Event.STATUS_CALLBACK_IGNORED).count() == 2
        assert not StatusReport.objects.exists()


def test_without_our_id_a_message_is_found_by_its_sid(line: Line, sending: Message) -> None:
    with in_center(line.center_id):
        Message.objects.filter(pk=sending.pk).update(twilio_sid=OURS, status=Status.ACCEPTED)
    status_of(line, None, "delivered", OURS)
    assert fresh(sending).status == Status.DELIVERED


def test_a_report_under_another_sid_does_not_touch_the_message(line: Line, sending: Message) -> None:
    status_of(line, sending.pk, "sent", OURS)
    status_of(line, sending.pk, "delivered", sid(8))
    assert (fresh(sending).status, fresh(sending).twilio_sid) == (Status.SENT, OURS)


def test_a_text_of_hers_has_no_status_to_report(line: Line, conversation: Conversation) -> None:
    with in_center(line.center_id):
        hers = Message.objects.get()
    status_of(line, hers.pk, "failed", OURS)
    assert fresh(hers).status == Status.RECEIVED


def test_a_report_of_another_center_reaches_nothing_here(line: Line, sending: Message, other_center: Center) -> None:
    other = add_line(other_center, number="+16145550188", account_sid=ACCOUNT, auth_token=TOKEN)
    assert status_of(other, sending.pk, "delivered", OURS).status_code == 204
    assert fresh(sending).status == Status.SENDING


def test_a_report_by_another_line_of_the_center_reaches_nothing(line: Line, sending: Message, center: Center) -> None:
    other = add_line(center, number="+16145550188", account_sid=ACCOUNT, auth_token=TOKEN)
    assert status_of(other, sending.pk, "delivered", OURS).status_code == 204
    assert fresh(sending).status == Status.SENDING


def test_an_undone_text_stays_undone(line: Line, sending: Message) -> None:
    with in_center(line.center_id):
        Message.objects.filter(pk=sending.pk).update(status=Status.UNDONE)
    status_of(line, sending.pk, "delivered", OURS)
    assert fresh(sending).status == Status.UNDONE


@pytest.mark.parametrize(("said", "code"), [("", "0"), ("SENT!", "0"), ("sent", "x"), ("sent", "-1")])
def test_a_malformed_report_is_refused(line: Line, sending: Message, said: str, code: str) -> None:
    assert status_of(line, sending.pk, said, OURS, ErrorCode=code).status_code == 400
    assert fresh(sending).status == Status.SENDING


def test_a_report_under_our_own_id_overrules_what_was_guessed_of_two_equal_texts(
    line: Line, reply: Reply, naomi: Membership
) -> None:
    first, second = reply(naomi, "Yes"), reply(naomi, "Yes")
    with in_center(line.center_id):
        Message.objects.filter(pk=first.pk).update(status=Status.UNKNOWN)
        Message.objects.filter(pk=second.pk).update(status=Status.ACCEPTED, twilio_sid=OURS)

    assert status_of(line, first.pk, "delivered", OURS).status_code == 204
    assert status_of(line, second.pk, "undelivered", sid(8), ErrorCode="30003").status_code == 204
    assert (fresh(first).status, fresh(first).twilio_sid) == (Status.DELIVERED, OURS)
    assert (fresh(second).status, fresh(second).twilio_sid) == (Status.UNDELIVERED, sid(8))


def test_a_report_under_the_sid_of_a_text_of_hers_takes_nothing_from_it(line: Line, sending: Message) -> None:
    with in_center(line.center_id):
        hers = Message.objects.get(direction="in")
    assert status_of(line, sending.pk, "sent", str(hers.twilio_sid)).status_code == 204
    assert fresh(hers).twilio_sid == hers.twilio_sid
    assert fresh(sending).twilio_sid is None
