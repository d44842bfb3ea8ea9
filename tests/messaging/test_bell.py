"""What a socket may hear follows what its person may read, also while it is open."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.actions.people import change_role, end_membership
from accounts.models import Membership, Role
from accounts.session_store import SessionStore
from accounts.sockets import SocketMember, members_of
from messaging import consumers
from messaging.consumers import ACCESS_ENDED, BellConsumer, Switchboard
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


def test_somebody_who_supervises_no_longer_hears_what_others_hold(
    ruth: Membership, adina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "database_sync_to_async", sync_to_async)  # stays in the test's transaction
    news: dict[str, Any] = {"center": str(ruth.center_id), "assignee": str(uuid7()), "everyone": False}
    socket = BellConsumer()
    key = str(signed_in(ruth).session.session_key)
    socket.member = members_of([key])[key]
    assert socket.may_hear(news), "or this proves nothing"
    with in_center(ruth.center_id):
        change_role(ruth, Role.SPECIALIST, by=adina)
    async_to_sync(Switchboard()._look_again)([socket])
    assert socket.member is not None
    assert not socket.may_hear(news)


def _board(monkeypatch: pytest.MonkeyPatch, *sockets: BellConsumer) -> Switchboard:
    """A switchboard that looks again all the time, within the test's own transaction."""
    monkeypatch.setattr(consumers, "database_sync_to_async", sync_to_async)
    monkeypatch.setattr(consumers, "LOOK_AGAIN_EVERY", 0.001)
    board = Switchboard()
    board._sockets.update(sockets)
    return board


def _look_for_a_while(board: Switchboard) -> None:
    async def look() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(board._check_access(), timeout=0.2)

    async_to_sync(look)()


def test_a_database_that_is_away_does_not_end_the_looking_again(
    ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket, looked = _Socket(ruth), 0

    def fails_at_first(keys: list[str]) -> dict[str, SocketMember]:
        nonlocal looked
        looked += 1
        if looked == 1:
            raise OperationalError
        return {}

    monkeypatch.setattr(consumers, "members_of", fails_at_first)
    _look_for_a_while(_board(monkeypatch, socket))
    assert looked > 1
    assert socket.code == ACCESS_ENDED, "who is gone was not looked up again"


def test_many_sessions_of_one_person_are_looked_up_once(ruth: Membership, naomi: Membership) -> None:
    keys = [_Socket(ruth).key, _Socket(naomi).key]
    keys += [_again(keys[0]) for _ in range(10)]
    with CaptureQueriesContext(connection) as queries:
        members = members_of(keys)
    assert set(members) == set(keys)
    asked = [query["sql"].split("FROM")[1] for query in queries if "FROM" in query["sql"]]
    tables = ("django_session", "accounts_membership")
    assert [sum(table in sql for sql in asked) for table in tables] == [1, 2] == [1, len(asked) - 1]


def _again(key: str) -> str:
    """Another session of the same person, who signed in with the same device."""
    session = SessionStore()
    session.update(SessionStore(key).load())
    session.create()
    session.save()
    return str(session.session_key)


def test_of_many_sockets_those_whose_access_ended_are_closed(
    ruth: Membership, naomi: Membership, adina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, goes = _Socket(ruth), _Socket(naomi)
    with in_center(naomi.center_id):
        end_membership(naomi, by=adina)
    _look_for_a_while(_board(monkeypatch, stays, goes))
    assert (stays.code, goes.code) == (None, ACCESS_ENDED)


class _Socket(BellConsumer):
    """A socket of somebody who has signed in; remembers with which code it was closed."""

    def __init__(self, member: Membership) -> None:
        super().__init__()
        self.key, self.code = str(signed_in(member).session.session_key), None
        self.member = members_of([self.key])[self.key]

    async def close(self, code: Any = None, reason: Any = None) -> None:
        self.code = code


def test_a_socket_that_opens_while_the_database_is_away_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(scope: Any) -> None:
        raise OperationalError

    async def open_one() -> dict[str, Any]:
        scope = {"type": "websocket", "path": "/ws/bell/", "headers": []}
        socket = ApplicationCommunicator(BellConsumer.as_asgi(), scope)
        await socket.send_input({"type": "websocket.connect"})
        assert (await socket.receive_output())["type"] == "websocket.accept"
        said: dict[str, Any] = await socket.receive_output()
        await socket.send_input({"type": "websocket.disconnect", "code": said["code"]})
        await socket.wait()
        return said

    monkeypatch.setattr(consumers, "member_of", away)
    said = async_to_sync(open_one)()
    assert (said["type"], said["code"]) == ("websocket.close", consumers.TRY_AGAIN_LATER)
