"""Many posts at the same moment, each on a connection of its own, against a database that commits."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actions.centers import add_center
from audit.context import Actor, acting
from jobs.models import Job
from messaging.actions.lines import add_line
from messaging.actions.work import Work
from messaging.models import Conversation, FollowUp, Line, Message, NumberEpoch
from messaging.twilio import door_of
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN
from tests.databases import Database
from tests.doors import sid, status_of, text_in

AT_ONCE = 20


@pytest.fixture
def committed_line(fresh_database: Database) -> Line:
    with acting(Actor.command("test")):
        center = add_center("Harbor House")
        line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
    door_of(line.pk)
    return line


def at_once(post: Callable[[int], Any]) -> list[int]:
    """Let as many threads post at the same moment; return the status codes."""
    gate = threading.Barrier(AT_ONCE)

    def go(number: int) -> int:
        gate.wait(timeout=20)
        try:
            return int(post(number).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(go, range(AT_ONCE)))


def test_twenty_posts_of_one_sid_at_once_are_one_message_and_one_automatic_answer(committed_line: Line) -> None:
    codes = at_once(lambda number: text_in(committed_line))

    assert codes == [200] * AT_ONCE
    with in_center(committed_line.center_id):
        assert Message.objects.count() == 1
        assert Conversation.objects.get().sequence == 1
        assert Job.objects.filter(kind=Work.AUTO_REPLY).count() == 1


def test_twenty_first_texts_of_one_number_at_once_are_one_conversation_without_a_gap(committed_line: Line) -> None:
    codes = at_once(lambda number: text_in(committed_line, f"text {number}", MessageSid=sid(number)))

    assert codes == [200] * AT_ONCE
    with in_center(committed_line.center_id):
        assert Conversation.objects.get().sequence == AT_ONCE
        sequences = Message.objects.order_by("sequence").values_list("sequence", flat=True)
        assert list(sequences) == list(range(1, AT_ONCE + 1))
        assert FollowUp.objects.open().count() == 1
        assert Job.objects.filter(kind=Work.AUTO_REPLY).count() == 1


def test_twenty_texts_at_once_after_a_number_changed_hands_begin_one_conversation(committed_line: Line) -> None:
    text_in(committed_line, MessageSid=sid(100))
    with in_center(committed_line.center_id):
        NumberEpoch.objects.update(ended_at=timezone.now())
    codes = at_once(lambda number: text_in(committed_line, MessageSid=sid(number)))

    assert codes == [200] * AT_ONCE
    with in_center(committed_line.center_id):
        before, after = Conversation.objects.order_by("created_at")
        assert (before.sequence, after.sequence) == (1, AT_ONCE)


def test_twenty_reports_of_one_message_at_once_never_wait_for_each_other(committed_line: Line) -> None:
    text_in(committed_line)
    with in_center(committed_line.center_id):
        conversation = Conversation.objects.get()
        message = Message.objects.create(
            center_id=conversation.center_id,
            conversation=conversation,
            epoch=conversation.epoch_id,
            line=committed_line,
            sequence=2,
            direction="out",
            body="Hi",
            status="sending",
        )
    said = ["queued", "sent", "delivered", "undelivered"]
    codes = at_once(lambda number: status_of(committed_line, message.pk, said[number % 4], sid(9)))

    assert codes == [204] * AT_ONCE
    with in_center(committed_line.center_id):
        settled = Message.objects.get(pk=message.pk)
        assert (settled.status, settled.twilio_sid) == ("delivered", sid(9))
        assert settled.reports.count() == AT_ONCE
