"""How pictures are drawn: so many at once, and holding nothing that anybody else waits for."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from accounts.actions.centers import add_center
from accounts.models import Membership, Role
from audit.context import Actor, acting
from messaging import pictures
from messaging.actions.lines import add_line
from messaging.models import Conversation, DraftPicture, Line
from messaging.pictures.turns import TooBusy, Turns
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database
from tests.doors import signed_in, text_in
from tests.messaging.conftest import work_after
from tests.messaging.test_attachments import came_in, photo, states
from tests.twin_process import TwinProcess

SLOW = """import os, sys, time
sys.stdin.buffer.read()
open({began!r}, "x").close()
while not os.path.exists({go!r}):
    time.sleep(0.02)
"""
DRAWN = """print('{"content_type": "image/jpeg", "width": 1, "height": 1}', flush=True); print("pixels")\n"""


class SlowChild:
    """A child that has read its picture, and draws it when it is let."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._began, self._go = folder / "began", folder / "go"
        child = folder / "child.py"
        child.write_text(SLOW.format(began=str(self._began), go=str(self._go)) + DRAWN)
        monkeypatch.setattr(pictures, "CHILD", child)

    def wait_until_it_draws(self) -> None:
        deadline = time.monotonic() + 20
        while not self._began.exists():
            assert time.monotonic() < deadline, "the child did not start"
            time.sleep(0.02)

    def let_go(self) -> None:
        self._go.touch()


@pytest.fixture
def slow_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowChild]:
    child = SlowChild(tmp_path, monkeypatch)
    yield child
    child.let_go()


@pytest.fixture
def committed(fresh_database: Database) -> tuple[Line, Conversation, Membership, Membership]:
    """A line, a conversation and two people, where every connection can see them."""
    with acting(Actor.command("test")):
        center = add_center("Harbor House")
        line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
        naomi, ruth = employ(center, "Naomi", Role.SPECIALIST), employ(center, "Ruth", Role.SUPERVISOR)
        text_in(line)
        with in_center(center.pk):
            return line, Conversation.objects.get(), naomi, ruth


def add(desk: Any, row: Conversation) -> Any:
    path = f"/conversations/{row.pk}/pictures/?key={uuid7()}"
    answer = desk.generic("POST", path, photo(), content_type="application/octet-stream", secure=True)
    if not connection.in_atomic_block:
        connections.close_all()
    return answer


def meanwhile(child: SlowChild, desk: Any, row: Conversation, act: Callable[[], None]) -> Any:
    """Add a picture, and do something while it is being drawn; return what adding it was answered."""
    with ThreadPoolExecutor(1) as other:
        adding = other.submit(add, desk, row)
        child.wait_until_it_draws()
        try:
            act()
        finally:
            child.let_go()
        return adding.result(timeout=20)


def test_while_a_picture_is_drawn_a_colleague_answers_and_no_connection_waits(
    committed: tuple[Line, Conversation, Membership, Membership],
    slow_child: SlowChild,
    superuser: "psycopg.Connection[tuple[object, ...]]",
) -> None:
    line, row, naomi, ruth = committed
    desk, colleague = signed_in(ruth), signed_in(naomi)
    seen: list[Any] = []

    def answer_and_look() -> None:
        fields = {"body": "I am here", "last_sequence": 99, "key": uuid7()}
        seen.append(colleague.post(f"/conversations/{row.pk}/replies/", fields, secure=True).status_code)
        seen.append(text_in(line, "Hello?", MessageSid="SM" + "2" * 32).status_code)
        connections.close_all()
        seen.append(
            superuser.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
                " AND datname = current_database()"
            ).fetchone()
        )

    answer = meanwhile(slow_child, desk, row, answer_and_look)
    assert seen == [201, 200, (0,)]
    assert answer.status_code == 201


def test_who_lost_the_conversation_while_her_picture_was_drawn_has_added_nothing(
    committed: tuple[Line, Conversation, Membership, Membership], slow_child: SlowChild
) -> None:
    _, row, naomi, ruth = committed

    def take_over() -> None:
        with in_center(row.center_id):
            Conversation.objects.filter(pk=row.pk).update(assignee=ruth.staff_id)
        connections.close_all()

    assert meanwhile(slow_child, signed_in(naomi), row, take_over).status_code == 404
    with in_center(row.center_id):
        assert not DraftPicture.objects.exists()


def test_whose_work_ended_while_her_picture_was_drawn_is_sent_to_the_door(
    committed: tuple[Line, Conversation, Membership, Membership], slow_child: SlowChild
) -> None:
    _, row, naomi, _ = committed

    def end() -> None:
        with in_center(row.center_id):
            naomi.staff.set_password("another quiet heron wades")
            naomi.staff.save(update_fields=["password"])
        connections.close_all()

    assert meanwhile(slow_child, signed_in(naomi), row, end).status_code == 401


@pytest.mark.django_db
def test_when_too_much_is_drawn_a_picture_is_refused_at_once_in_plain_words(
    conversation: Conversation, naomi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, busy = signed_in(naomi), Turns(1, waiting=0, seconds=5)
    monkeypatch.setattr(pictures, "TURNS", busy)
    with busy.one():
        answer = add(desk, conversation)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Please add it again in a moment" in answer.json()["words"]
    assert add(desk, conversation).status_code == 201, "the turn was given back"


@pytest.mark.django_db
def test_the_sentence_is_in_the_language_of_whoever_adds_it(
    conversation: Conversation, naomi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    naomi.staff.language = "es"
    naomi.staff.save(update_fields=["language"])
    busy = Turns(1, waiting=0, seconds=5)
    monkeypatch.setattr(pictures, "TURNS", busy)
    with busy.one():
        assert "Añádala otra vez" in add(signed_in(naomi), conversation).json()["words"]


@pytest.mark.django_db
def test_a_machine_that_is_too_slow_is_no_fault_of_the_picture(
    conversation: Conversation, naomi: Membership, slow_child: SlowChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "SECONDS_WHILE_ASKED", 0.3)
    answer = add(signed_in(naomi), conversation)
    assert answer.status_code == 503
    assert "damaged" not in answer.json()["words"]


@pytest.mark.django_db
def test_what_a_busy_worker_could_not_draw_is_still_coming_and_comes_later(
    twin: TwinProcess, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Turns(1, waiting=0, seconds=0)
    monkeypatch.setattr(pictures, "TURNS", busy)
    came_in(twin, line, ("image/jpeg", photo()))
    with busy.one():
        work_after(0)
    assert states(line) == ["coming"]
    work_after(30)
    assert states(line) == ["stored"]


def test_so_many_are_drawn_at_once_so_many_wait_and_the_rest_is_turned_away() -> None:
    turns, go = Turns(2, waiting=1, seconds=20), threading.Event()
    at_once, most, lock = 0, 0, threading.Lock()

    def draw() -> str:
        nonlocal at_once, most
        try:
            with turns.one():
                with lock:
                    at_once += 1
                    most = max(most, at_once)
                go.wait(20)
                with lock:
                    at_once -= 1
        except TooBusy:
            go.set()  # the fourth was turned away while the others still draw or wait
            return "turned away"
        return "drawn"

    with ThreadPoolExecutor(4) as threads:
        results = [one.result(timeout=20) for one in [threads.submit(draw) for _ in range(4)]]
    assert sorted(results) == ["drawn", "drawn", "drawn", "turned away"]
    assert most == 2


def test_nobody_waits_for_a_turn_longer_than_is_said() -> None:
    turns = Turns(1, waiting=1, seconds=0.1)
    with turns.one(), pytest.raises(TooBusy), turns.one():
        pytest.fail("there was one turn")
