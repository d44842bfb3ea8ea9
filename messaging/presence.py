"""Who looks at a conversation and who writes in it: said from one open page to the others, and kept nowhere.

A page says over its socket which conversation it shows, again every few seconds. The socket's process makes sure that
its person may read it and passes it on through the bell's channel: ids, and what somebody does.
"""

import json
import time
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import Membership
from accounts.sockets import SocketMember
from messaging.models import Conversation
from tenancy.scope import in_center

LONGEST_FRAME = 256  # characters
MOST_FRAMES = 20  # a second
ASK_AGAIN_AFTER = 20  # seconds; the bell tells of changes, and this makes up for one that came between
LOOKS, WRITES, LEAVES = "looks", "writes", "leaves"


class Frame(NamedTuple):
    """What a page says: the conversation on its screen, if one is, and whether a reply is being typed."""

    at: UUID | None
    writes: bool


class Place(NamedTuple):
    """A conversation that somebody looks at, and who may hear of it."""

    conversation: str
    assignee: str | None
    asked_at: float

    def is_at(self, conversation: UUID | None) -> bool:
        """Whether this is where she stands, by a look that is recent enough."""
        return str(conversation) == self.conversation and time.monotonic() - self.asked_at < ASK_AGAIN_AFTER


def frame_of(text: str | None) -> Frame | None:
    """A frame as a page sends it; None for anything else."""
    if text is None or len(text) > LONGEST_FRAME:
        return None
    try:
        said = json.loads(text)
        is_whole = isinstance(said, dict) and set(said) == {"at", "writes"} and isinstance(said["writes"], bool)
        return Frame(None if said["at"] is None else UUID(said["at"]), said["writes"]) if is_whole else None
    except (ValueError, AttributeError, RecursionError):  # the middle one by `UUID`, of what is no text
        return None


class Pace:
    """How many frames one socket may send."""

    def __init__(self) -> None:
        self._second, self._count = 0, 0

    def allows(self) -> bool:
        second = int(time.monotonic())
        self._count = self._count + 1 if second == self._second else 1
        self._second = second
        return self._count <= MOST_FRAMES


def place_of(member: SocketMember, conversation: UUID) -> Place | None:
    """Where she stands who shows this conversation; None if she may not read it: the load is the permission."""
    with in_center(member.center_id):
        reader = Membership.objects.current().get(pk=member.membership_id)
        row = Conversation.objects.visible_to(reader).filter(pk=conversation).values_list("assignee_id").first()
    if row is None:
        return None
    return Place(str(conversation), str(row[0]) if row[0] else None, time.monotonic())


def news_of(member: SocketMember, place: Place, does: str) -> dict[str, Any]:
    """What the other processes are told, by which each decides who of its own may hear."""
    return {
        "center": str(member.center_id),
        "conversation": place.conversation,
        "assignee": place.assignee,
        "everyone": False,
        "who": str(member.staff_id),
        "does": does,
    }
