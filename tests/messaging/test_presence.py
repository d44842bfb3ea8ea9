"""Who looks at a conversation and who writes in it is told to those who may read it, and kept nowhere."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from accounts.actions.people import end_membership
from accounts.models import Membership
from accounts.sockets import members_of
from messaging import consumers
from messaging.actions.assignment import take
from messaging.consumers import BellConsumer, Switchboard
from messaging.models import Conversation, Line
from messaging.presence import LONGEST_FRAME, MOST_FRAMES, frame_of
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import employ
from tests.doors import signed_in, text_in

pytestmark = pytest.mark.django_db


class Desk(BellConsumer):
    """A browser's socket that remembers what it was sent, and with which code it was closed."""

    def __init__(self, member: Membership) -> None:
        super().__init__()
        key = str(signed_in(member).session.session_key)
        self.member, self.codes = members_of([key])[key], list[int]()
        self.sent: list[dict[str, Any]] = []

    async def send(self, text_data: Any = None, bytes_data: Any = None, close: bool = False) -> None:
        self.sent.append(json.loads(text_data))

    async def close(self, code: Any = None, reason: Any = None) -> None:
        self.codes.append(code)


class Wire:
    """A Valkey that carries each message back to the one process there is."""

    def __init__(self, board: Switchboard) -> None:
        self._board, self.carried = board, list[dict[str, Any]]()

    async def publish(self, channel: str, news: str) -> None:
        self.carried.append(json.loads(news))
        await self._board._pass_on(json.loads(news))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """One process, whose sockets hear each other; it stays in the test's transaction."""
    board = Switchboard()
    board._valkey = wire = Wire(board)  # type: ignore[assignment]
    board._is_subscribed = asyncio.Event()
    board._is_subscribed.set()
    monkeypatch.setattr(consumers, "switchboard", board)
    monkeypatch.setattr(consumers, "database_sync_to_async", sync_to_async)
    return wire


@pytest.fixture
def conversation(line: Line) -> Conversation:
    text_in(line, "are you there")
    with in_center(line.center_id):
        return Conversation.objects.get()


def _desks(*members: Membership) -> list[Desk]:
    desks = [Desk(member) for member in members]
    for desk in desks:
        consumers.switchboard.join(desk)
    return desks


def _says(desk: Desk, at: object, *, writes: bool = False) -> None:
    frame = {"at": str(at) if at else None, "writes": writes}
    async_to_sync(desk.receive)(text_data=json.dumps(frame))


def _done(desk: Desk) -> list[str]:
    return [frame["does"] for frame in desk.sent]


def test_colleagues_see_who_looks_who_writes_and_who_left(
    wire: Wire, conversation: Conversation, ruth: Membership, naomi: Membership
) -> None:
    hers, other = _desks(naomi, ruth)
    _says(hers, conversation.pk)
    _says(hers, conversation.pk, writes=True)
    async_to_sync(hers.disconnect)(1006)
    assert _done(other) == ["looks", "writes", "leaves"]
    assert other.sent[0] == {"conversation": str(conversation.pk), "who": str(naomi.staff_id), "does": "looks"}
    assert hers.sent == [], "nobody is told of herself"


def test_whoever_may_not_read_a_conversation_neither_tells_nor_hears_who_is_in_it(
    wire: Wire, conversation: Conversation, ruth: Membership, naomi: Membership, mara: Membership
) -> None:
    with in_center(naomi.center_id):
        take(conversation, by=naomi)
        third = employ(naomi.center, "Tirza", naomi.role)  # type: ignore[arg-type]
    holder, supervisor, outsider, elsewhere = _desks(naomi, ruth, third, mara)
    _says(holder, conversation.pk)
    assert (_done(supervisor), outsider.sent, elsewhere.sent) == (["looks"], [], [])
    carried = len(wire.carried)
    for desk in (outsider, elsewhere):
        _says(desk, conversation.pk, writes=True)
    assert len(wire.carried) == carried, "somebody was told of a page that she may not open"
    assert (outsider.codes, elsewhere.codes) == ([], []), "and the answer would have told her that it exists"


def test_who_looked_while_nobody_held_it_is_not_heard_of_once_a_colleague_holds_it(
    wire: Wire, conversation: Conversation, ruth: Membership, naomi: Membership
) -> None:
    hers, other = _desks(naomi, ruth)
    _says(hers, conversation.pk)
    rung = {"center": str(naomi.center_id), "conversation": str(conversation.pk), "sequence": 2, "everyone": True}
    async_to_sync(consumers.switchboard._pass_on)({**rung, "assignee": str(ruth.staff_id), "aloud": False})
    heard = len(other.sent)
    _says(hers, conversation.pk, writes=True)
    assert len(other.sent) == heard


def test_whoever_may_not_come_in_any_more_is_gone_from_the_screens_of_others_at_once(
    wire: Wire, conversation: Conversation, ruth: Membership, naomi: Membership, adina: Membership
) -> None:
    hers, other = _desks(naomi, ruth)
    _says(hers, conversation.pk)
    with in_center(naomi.center_id):
        end_membership(naomi, by=adina)
    async_to_sync(consumers.switchboard._look_again)([hers])
    assert (hers.codes, _done(other)) == ([consumers.ACCESS_ENDED], ["looks", "leaves"])
    _says(hers, conversation.pk, writes=True)
    assert _done(other)[2:] == []


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "null", "7", '{"at": null}', '{"at": 7, "writes": true}', '{"at": "", "writes": true}',
     '{"at": "x", "writes": true}', '{"at": 0, "writes": true}', '{"at": [], "writes": true}',
     '{"at": null, "writes": 1}', '{"at": null, "writes": true, "words": "I"}',
     '{"at": null, "writes": true}' + " " * LONGEST_FRAME, "[" * LONGEST_FRAME],
)  # fmt: skip
def test_any_other_frame_closes_the_socket(ruth: Membership, text: str | None) -> None:
    assert frame_of('{"at": null, "writes": true}') is not None, "or this proves nothing"
    (desk,) = _desks(ruth)
    async_to_sync(desk.receive)(text_data=text)
    assert desk.codes == [consumers.POLICY_VIOLATION]


def test_more_frames_than_a_page_ever_sends_close_the_socket(wire: Wire, ruth: Membership) -> None:
    (desk,) = _desks(ruth)
    for _ in range(3 * MOST_FRAMES):
        _says(desk, None)
    assert desk.codes == [consumers.POLICY_VIOLATION], "once: what comes after it is not read any more"


def test_without_valkey_nobody_is_told_and_nothing_fails(
    wire: Wire, conversation: Conversation, ruth: Membership, naomi: Membership
) -> None:
    hers, other = _desks(naomi, ruth)
    consumers.switchboard._valkey = None
    _says(hers, conversation.pk)
    _says(hers, uuid7())
    assert (other.sent, hers.codes) == ([], [])


def test_a_page_learns_what_colleagues_of_her_own_center_are_called(
    ruth: Membership, naomi: Membership, mara: Membership
) -> None:
    names = signed_in(naomi).get("/names/").json()
    assert names == {str(naomi.staff_id): "Naomi", str(ruth.staff_id): "Ruth"}
