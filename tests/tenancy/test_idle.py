"""A process that stood still in the middle of a transaction finds its connection ended, and that is said honestly."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from accounts.actions.centers import add_center
from accounts.models import Role
from audit.context import Actor, acting
from messaging import webhooks
from messaging.actions import hearing, spool
from messaging.actions.draining import drain
from messaging.actions.lines import add_line
from messaging.models import Conversation, Line, Message
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.doors import signed_in, text_in


def stand_still(*args: Any, **kwargs: Any) -> None:
    """Longer than PostgreSQL lets a transaction be idle."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '20ms'")
        time.sleep(0.3)
        cursor.execute("SELECT 1")


@pytest.fixture
def line(fresh_database: Database, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    settings.SPOOL_PATH = str(tmp_path / "spool")
    monkeypatch.setattr(webhooks, "_away_until", 0.0)
    spool.prepare()
    with acting(Actor.command("test")):
        center = add_center("Harbor House")
        employ(center, "Naomi", Role.SPECIALIST)
        return add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)


def test_a_connection_that_was_ended_while_idle_is_a_connection_lost(fresh_database: Database) -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        stand_still()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_page_whose_connection_was_ended_asks_to_try_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    text_in(line)
    with in_center(line.center_id):
        conversation = Conversation.objects.get()
        browser = signed_in(line.center.memberships.get())
    monkeypatch.setattr("messaging.views.writing.write_reply", stand_still)
    browser.raise_request_exception = False
    reply = {"body": "I am here", "last_sequence": 1, "key": "01a21f7d-3f5e-79d2-aa0b-a07dabb2f35a"}
    answer = browser.post(f"/conversations/{conversation.pk}/replies/", reply)
    assert (answer.status_code, "Retry-After" in answer) == (503, True)


def test_a_text_whose_connection_was_ended_waits_in_the_spool(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    assert text_in(line, "First").status_code == 200
    kept = hearing.STEPS["message"]

    def stands_still(*args: Any) -> None:
        with in_center(line.center_id):
            stand_still()

    monkeypatch.setitem(hearing.STEPS, "message", stands_still)
    assert text_in(line, "Second", MessageSid="SM" + "2" * 32).status_code == 200
    assert spool.count() == 1
    drain()
    assert (spool.count(), spool.count_set_aside()) == (1, 0), "the drain stood still too"
    monkeypatch.setitem(hearing.STEPS, "message", kept)
    drain()
    with in_center(line.center_id):
        assert [text.body for text in Message.objects.order_by("sequence")] == ["First", "Second"]
