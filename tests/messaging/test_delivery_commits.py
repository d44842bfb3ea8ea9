"""What is committed when, seen from another connection: the intent before the call, her stop before the claim."""

import threading
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from accounts.actions.centers import add_center
from accounts.models import Role
from audit.context import Actor, acting
from messaging.actions.delivery import deliver
from messaging.actions.lines import add_line
from messaging.actions.opt_outs import opt_out
from messaging.actions.replies import write_reply
from messaging.actions.statuses import lock_around
from messaging.models import Conversation, Message, OptOutSource, Status
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.doors import text_in

SEND = "messaging.actions.delivery.send_text"


class Killed(BaseException):
    """The worker's end, in the middle of a call."""


@pytest.fixture
def waiting(fresh_database: Database) -> Message:
    """A reply that waits to be sent, committed."""
    with acting(Actor.command("test")):
        center = add_center("Harbor House")
        line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
        naomi = employ(center, "Naomi", Role.SPECIALIST)
        text_in(line)
        with in_center(center.pk):
            row = Conversation.objects.get()
            return write_reply(row, by=naomi, body="Hi", last_sequence=1, client_key=uuid7())


def status_seen_by(superuser: "psycopg.Connection[tuple[object, ...]]", message_id: UUID) -> object:
    row = superuser.execute("SELECT status FROM messaging_message WHERE id = %s", [message_id]).fetchone()
    return row and row[0]


def test_the_intent_is_committed_before_the_call_and_no_transaction_is_open_during_it(
    waiting: Message, superuser: "psycopg.Connection[tuple[object, ...]]", monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def look_and_die(*args: Any, **kwargs: Any) -> None:
        seen.extend([status_seen_by(superuser, waiting.pk), connection.in_atomic_block])
        raise Killed

    monkeypatch.setattr(SEND, look_and_die)
    with pytest.raises(Killed):
        deliver(waiting.center_id, waiting.pk)
    assert seen == [Status.SENDING, False]

    deliver(waiting.center_id, waiting.pk)
    assert len(seen) == 2, "the second try must not call"
    assert status_seen_by(superuser, waiting.pk) == Status.UNKNOWN


def test_of_many_workers_one_makes_the_call(waiting: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    gate = threading.Barrier(8)

    def busy(*args: Any, **kwargs: Any) -> None:
        calls.append("call")
        raise Killed

    def work() -> None:
        gate.wait(timeout=20)
        try:
            deliver(waiting.center_id, waiting.pk)
        except Killed:
            return
        finally:
            connection.close()

    monkeypatch.setattr(SEND, busy)
    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=20)
    assert calls == ["call"]


def test_a_stop_that_is_being_written_is_waited_for(waiting: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def never(*args: Any, **kwargs: Any) -> None:
        calls.append("call")
        raise Killed

    def work() -> None:
        try:
            deliver(waiting.center_id, waiting.pk)
        finally:
            connection.close()

    monkeypatch.setattr(SEND, never)
    worker = threading.Thread(target=work)
    with in_center(waiting.center_id):
        row = lock_around(waiting.pk)
        opt_out(row, OptOutSource.WORD)
        row.save(update_fields=["sequence"])
        worker.start()
        worker.join(timeout=0.5)
        assert worker.is_alive(), "the worker should wait for the lock"
    worker.join(timeout=20)

    assert calls == []
    with in_center(waiting.center_id):
        assert Message.objects.get(pk=waiting.pk).status == Status.FAILED
