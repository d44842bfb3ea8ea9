from accounts.models import Membership
from messaging.models import Conversation, EventKind, ThreadEvent


def add_event(
    conversation: Conversation,
    what: EventKind,
    *,
    by: Membership | None = None,
    to: Membership | None = None,
    outcome: str = "",
) -> ThreadEvent:
    """Write a quiet line into the thread. The caller holds the conversation's lock and saves it."""
    return ThreadEvent.objects.create(
        center_id=conversation.center_id,
        conversation=conversation,
        sequence=conversation.take_number(),
        what=what,
        by_id=by.staff_id if by else None,
        to_id=to.staff_id if to else None,
        outcome=outcome,
    )
