"""What a socket may hear follows what its person may read, also while it is open."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError

from accounts.actions.people import change_role
from accounts.models import Membership, Role
from accounts.sockets import _member_of_session
from messaging import consumers
from messaging.consumers import BellConsumer, Switchboard
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


def test_somebody_who_supervises_no_longer_hears_what_others_hold(
    ruth: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "database_sync_to_async", sync_to_async)  # stays in the test's transaction
    news: dict[str, Any] = {"center": str(ruth.center_id), "assignee": str(uuid7()), "everyone": False}
    socket = BellConsumer()
    socket.member = _member_of_session(str(signed_in(ruth).session.session_key))
    assert socket.may_hear(news), "or this proves nothing"
    with in_center(ruth.center_id):
        change_role(ruth, Role.SPECIALIST)
    async_to_sync(socket.look_again)()
    assert socket.member is not None
    assert not socket.may_hear(news)


class _Socket(BellConsumer):
    """One socket whose member cannot be looked up, or one that counts how often it was."""

    def __init__(self, *, fails: bool) -> None:
        super().__init__()
        self.fails, self.looked = fails, 0

    async def look_again(self) -> None:
        self.looked += 1
        if self.fails:
            raise OperationalError


def test_a_database_that_is_away_does_not_end_the_looking_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "LOOK_AGAIN_EVERY", 0.001)
    board, sockets = Switchboard(), [_Socket(fails=True), _Socket(fails=False)]
    board._sockets.update(sockets)

    async def look_for_a_while() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(board._check_access(), timeout=0.2)

    async_to_sync(look_for_a_while)()
    assert all(socket.looked > 1 for socket in sockets)
