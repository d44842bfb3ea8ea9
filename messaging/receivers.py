"""What messaging does when accounts says that somebody answers no longer, or that access has ended."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.models import Membership
from accounts.signals import Held, access_ended, asks_what_is_held, gives_up_conversations
from messaging import bell
from messaging.actions.assignment import give_everything_back, held_by


@receiver(gives_up_conversations)
def return_to_the_pool(sender: type, membership: Membership, by: Membership, **kwargs: Any) -> None:
    give_everything_back(membership, by=by)


@receiver(asks_what_is_held)
def count_what_is_held(sender: type, membership: Membership, **kwargs: Any) -> Held:
    return held_by(membership)


@receiver(access_ended)
def look_at_sockets(sender: type, staff_id: UUID, **kwargs: Any) -> None:
    bell.access_ended(staff_id)
