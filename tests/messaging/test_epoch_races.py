"""An ending and everything that would be sent or come in at the same moment, against a database that commits."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.db import connection

from accounts.actions.centers import add_center
from accounts.models import Membership, Role
from audit.context import Actor, acting
from messaging.actions import delivery
from messaging.actions.delivery import deliver
from messaging.actions.epochs import mark_ended
from messaging.actions.lines import add_line
from messaging.actions.replies import NumberEnded, write_reply
from messaging.models import Conversation, EpochEnd, EventKind, Line, Message, Status, ThreadEvent
from messaging.models.failure import NUMBER_ENDED
from messaging.twilio import Sent, door_of
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.doors import sid, text_in

SENDS, AFTER = 50, 20  # how many there are, and after how many of them it ends


class Desk:
    """Naomi at one center, with one client who has written."""

    def __init__(self) -> None:
        with acting(Actor.command("test")):
            center = add_center("Harbor House")
            self.line: Line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
            self.naomi: Membership = employ(center, "Naomi", Role.SPECIALIST)
        self.center = center.pk
        door_of(self.line.pk)
        text_in(self.line)
        with in_center(self.center):
            self.row = Conversation.objects.get()

    def end(self) -> None:
        with acting(Actor.command("test")), in_center(self.center):
            assert mark_ended(self.row, EpochEnd.WRONG_NUMBER, by=self.naomi)

    def send(self, number: int) -> str:
        """Write a reply and have it delivered, as its job does."""
        with acting(Actor.command("test")):
            try:
                with in_center(self.center):
                    body = f"text {number}"
                    said = write_reply(self.row, by=self.naomi, body=body, last_sequence=9999, client_key=uuid7())
            except NumberEnded:
                return "refused"
            deliver(self.center, said.pk)
            return "written"


@pytest.fixture
def desk(fresh_database: Database) -> Desk:
    return Desk()


def on_their_own(act: Callable[[int], str]) -> Callable[[int], str]:
    def acted(number: int) -> str:
        try:
            return act(number)
        finally:
            connection.close()

    return acted


def test_of_fifty_sends_against_one_ending_none_is_accepted_or_leaves_after_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[float] = []
    is_time = threading.Event()

    def take(door: object, **call: Any) -> Sent:
        calls.append(time.time())
        if len(calls) == AFTER:
            is_time.set()
        return Sent(sid(100 + len(calls)), "queued")

    monkeypatch.setattr(delivery, "send_text", take)

    def end_or_send(number: int) -> str:
        if number:
            return desk.send(number)
        assert is_time.wait(60)
        desk.end()
        return "ended"

    with ThreadPoolExecutor(9) as pool:
        became = Counter(pool.map(on_their_own(end_or_send), range(SENDS + 1)))
    assert became["ended"] == 1
    assert became["written"] + became["refused"] == SENDS
    assert became["refused"] > 0, "nothing came after it, so this proves nothing"
    with in_center(desk.center):
        ended = ThreadEvent.objects.get(what=EventKind.MARKED_WRONG)
        ended_at = Conversation.objects.get().ended_at
        ours = list(Message.objects.filter(direction="out", author=desk.naomi.staff_id))
    assert len(ours) == became["written"]
    assert [text for text in ours if text.sequence > ended.sequence] == []
    left = [text for text in ours if text.status == Status.ACCEPTED]
    assert len(left) == len(calls)
    assert ended_at is not None
    assert [text for text in left if text.sending_since is None or text.sending_since > ended_at] == []
    assert {(text.status, text.error_code) for text in ours if text not in left} <= {(Status.FAILED, NUMBER_ENDED)}


def test_a_text_that_waits_while_the_number_ends_begins_an_empty_conversation(desk: Desk) -> None:
    """It has asked already which conversation the number reaches, and waits for that one's lock."""
    asked: list[int] = []

    def write(number: int) -> str:
        asked.append(int(text_in(desk.line, "Who is this?", MessageSid=sid(7)).status_code))
        return "heard"

    with ThreadPoolExecutor(1) as pool:
        with acting(Actor.command("test")), in_center(desk.center):
            assert mark_ended(desk.row, EpochEnd.NEW_OWNER, by=desk.naomi)
            heard = pool.submit(on_their_own(write), 0)
            while not _somebody_waits():
                time.sleep(0.01)
        assert heard.result(20) == "heard"
    assert asked == [200]
    with in_center(desk.center):
        old, new = Conversation.objects.order_by("created_at")
        assert [message.body for message in new.messages.all()] == ["Who is this?"]
        assert old.messages.count() == 1


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_when_she_was_last_heard_is_filled_in_for_all_that_was_there_before(
    desk: Desk, fresh_database: Database
) -> None:
    migration = import_module("messaging.migrations.0029_number_epochs")
    with in_center(desk.center):
        heard_at = Conversation.objects.get().heard_at
        Conversation.objects.update(heard_at=None)
    with psycopg.connect(fresh_database.dsn_owner) as owner:
        owner.execute(migration.LIFT + migration.FILL + migration.FORCE)
    with in_center(desk.center):
        row = Conversation.objects.get()
        assert row.heard_at is not None
        assert heard_at is not None
        assert abs((row.heard_at - heard_at).total_seconds()) < 1
    with psycopg.connect(fresh_database.dsn_owner) as owner:
        assert owner.execute("SELECT count(*) FROM messaging_conversation").fetchone() == (0,), "shut for the owner too"
