"""What a socket hears, by role and by whose the conversation is: exactly what its person may read (AUTHZ-04).

What is rung is made by the real acts and passed on by the real switchboard; only the way through Valkey is left out.
"""

import inspect
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpResponse

from accounts.actions.people import change_role
from accounts.models import Center, Membership, Role
from accounts.roles import ALLOWED, Permission
from accounts.sockets import members_of
from messaging import bell, consumers
from messaging.actions.assignment import assign
from messaging.consumers import BellConsumer, Switchboard
from messaging.models import Conversation, Line
from tenancy.ids import uuid7
from tenancy.scope import in_center, in_platform
from tests.accounts.test_names import whole_numbers_in
from tests.accounts.worlds import COLLEAGUES, FIRST, FOREIGN, FREE, OWN, World, Worlds, phone_of
from tests.doors import sid, signed_in, text_in

pytestmark = pytest.mark.django_db

WORLDS = (OWN, FREE, COLLEAGUES, FOREIGN)
Frames = list[dict[str, Any]]


class _Socket(BellConsumer):
    """A socket of somebody who has signed in, or of nobody whose session opens none; keeps what it was sent."""

    def __init__(self, member: Membership) -> None:
        super().__init__()
        key = str(signed_in(member).session.session_key)
        self.member, self.frames = members_of([key]).get(key), []

    async def send(self, text_data: str | None = None, *args: Any, **kwargs: Any) -> None:
        self.frames.append(json.loads(text_data or ""))

    async def close(self, *args: Any, **kwargs: Any) -> None:
        self.member = None


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the acts tell the bell."""
    news: list[dict[str, Any]] = []
    monkeypatch.setattr(bell, "_publish", news.append)
    return news


def _hear(socket: _Socket, news: list[dict[str, Any]]) -> Frames:
    board, socket.frames = Switchboard(), []
    board.join(socket)
    for one in news:
        async_to_sync(board._pass_on)(one)
    return socket.frames


def _write(world: World, number: int) -> None:
    """She writes."""
    with in_platform():
        line = Line.objects.get(pk=world["line"])
    text_in(line, "Are you there?", From=phone_of(number), To=line.number, MessageSid=sid(800 + number))


def _hand_over(world: World, center_id: UUID) -> None:
    """Somebody gives her to whoever stands in the world of this conversation, and takes her back."""
    with in_center(center_id):
        row = Conversation.objects.get(pk=world["conversation"])
        member = Membership.objects.get(pk=world["membership"])
        row.assignee = None
        row.save()
        answers = Membership.objects.current().who_may(Permission.CONVERSATIONS).filter(center=center_id)
        to = member if member.may(Permission.CONVERSATIONS) else answers[0]
        assign(row, to=to, by=member)


def _hears(role: str, whose: str) -> bool:
    sees = Permission.ALL_CONVERSATIONS in ALLOWED[role] or whose != COLLEAGUES
    return whose != FOREIGN and Permission.CONVERSATIONS in ALLOWED[role] and sees


@pytest.mark.parametrize("role", Role.values)
def test_each_role_hears_of_what_it_may_read_and_nothing_but_which_and_how_far(
    worlds: Worlds,
    staff: dict[str, Membership],
    other_center: Center,
    rung: list[dict[str, Any]],
    role: str,
    django_capture_on_commit_callbacks: Callable[..., Any],
    record_property: Any,
) -> None:
    mine, socket, said = worlds(role), _Socket(staff[role]), ""
    for number, whose in enumerate(WORLDS):
        world, center_id = mine[whose], other_center.pk if whose == FOREIGN else staff[role].center_id
        rung.clear()
        with django_capture_on_commit_callbacks(execute=True):
            _write(world, number)
        assert rung, "or this proves nothing"
        assert bool(_hear(socket, rung)) is _hears(role, whose), f"{whose}, when she writes"
        said += json.dumps(socket.frames)
        assert {frozenset(frame) for frame in socket.frames} <= {frozenset({"conversation", "sequence", "aloud"})}
        assert {frame["conversation"] for frame in socket.frames} <= {str(world["conversation"])}
        rung.clear()
        with django_capture_on_commit_callbacks(execute=True):
            _hand_over(world, center_id)
        assert any(news["everyone"] for news in rung)
        hears_of_it = whose != FOREIGN and Permission.CONVERSATIONS in ALLOWED[role]
        assert bool(_hear(socket, rung)) is hears_of_it, f"{whose}, when it changes hands"
        said += json.dumps(socket.frames)
    record_property("cases", 2 * len(WORLDS))
    assert whole_numbers_in(HttpResponse(said)) == []
    assert FIRST not in said


def test_a_role_that_changes_is_heard_at_the_next_bell(
    worlds: Worlds, staff: dict[str, Membership], rung: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, socket = worlds("supervisor"), _Socket(staff["supervisor"])
    monkeypatch.setattr(consumers, "database_sync_to_async", sync_to_async)  # stays in the test's transaction
    news = {"center": str(staff["supervisor"].center_id), "conversation": str(mine[COLLEAGUES]["conversation"])}
    news |= {"sequence": 9, "assignee": str(uuid7()), "everyone": False}
    assert _hear(socket, [news])
    with in_center(staff["supervisor"].center_id):
        change_role(staff["supervisor"], Role.SPECIALIST, by=staff["admin"])
    assert not _hear(socket, [{"ended": str(staff["supervisor"].staff_id)}, news])


def test_the_bell_has_two_kinds_of_news() -> None:
    """A third kind needs its place in the test above."""
    assert inspect.getsource(bell).count("partial(_publish") == 2
