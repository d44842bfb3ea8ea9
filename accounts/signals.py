"""What the rooms above hear from accounts. The first two are sent inside the transaction of the change."""

from typing import TYPE_CHECKING, NamedTuple

from django.dispatch import Signal

if TYPE_CHECKING:
    from accounts.models import Membership

# membership, by: one person answers no longer in one center; what she held goes back to everybody
gives_up_conversations = Signal()

# staff_id: some session of this person may have lost its access; her sockets are looked at again
access_ended = Signal()

# membership: how much this person holds; a receiver answers with `Held`
asks_what_is_held = Signal()


class Held(NamedTuple):
    """What one person holds in one center and would leave lying."""

    conversations: int
    follow_ups: int


def held_by(membership: "Membership") -> Held:
    """How much somebody holds, as the rooms above know it."""
    answers = [answer for _, answer in asks_what_is_held.send(sender=type(membership), membership=membership)]
    return Held(*(sum(counts) for counts in zip(*answers, strict=True))) if answers else Held(0, 0)
