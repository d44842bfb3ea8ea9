"""What is heard of an entry in the moment in which it moves, against a database that commits."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.actions.centers import add_center
from accounts.models import Role
from audit.context import Actor, acting
from messaging.actions.lines import add_line
from messaging.actions.replies import write_reply
from messaging.actions.splitting import split_at
from messaging.models import Call, Conversation, EpochEnd, FollowUp, FollowUpKind, Message, Status
from messaging.twilio import door_of
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.doors import sid, status_of, text_in
from tests.messaging.test_calls import call, recorded


def waits(act: Callable[[], object]) -> threading.Thread:
    """A thread that does it, once it waits for a lock."""

    def run() -> None:
        act()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.5)
    assert thread.is_alive(), "it was to wait for the one that moves it"
    return thread


@pytest.fixture
def moving(fresh_database: Database) -> Any:
    """A text of a stranger, our answer to it and his call, about to move out of her conversation."""
    with acting(Actor.command("test")):
        center = add_center("Harbor House")
        line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
        naomi = employ(center, "Naomi", Role.SPECIALIST)
        door_of(line.pk)
        text_in(line, "I need to talk")
        text_in(line, "Who is this?", MessageSid=sid(2))
        call(line)
        with in_center(center.pk):
            row = Conversation.objects.get()
            answer = write_reply(row, by=naomi, body="Sorry", last_sequence=9, client_key=uuid7())
            Message.objects.filter(pk=answer.pk).update(status=Status.SENT, twilio_sid=sid(9))
    return line, naomi, row, answer


def test_a_report_and_a_voicemail_that_come_while_a_text_and_a_call_move_go_where_they_have_gone(moving: Any) -> None:
    line, naomi, row, answer = moving
    with acting(Actor.command("test")), in_center(line.center_id), transaction.atomic():
        fresh = split_at(row, 2, reason=EpochEnd.NEW_OWNER, by=naomi)
        heard = [
            waits(lambda: status_of(line, answer.pk, "undelivered", sid(9), ErrorCode="30003")),
            waits(lambda: recorded(line)),
        ]
    for thread in heard:
        thread.join(20)

    with in_center(line.center_id):
        owed = FollowUp.objects.filter(kind__in=(FollowUpKind.FAILED, FollowUpKind.MISSED_CALL))
        assert {(one.kind, one.conversation_id) for one in owed} == {("failed", fresh.pk), ("missed_call", fresh.pk)}
        kept = Call.objects.get()
        assert kept.recordings.get().epoch == fresh.epoch_id, "it is sealed under his key once it is here"
        assert Conversation.objects.get(pk=row.pk).failed_at is None
