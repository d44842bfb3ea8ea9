"""What the center says by itself is looked at once more as it leaves: it may have waited, and may be wrong now.

A line that pauses, a worker that died or a person's "send again" let it leave later than it was meant to. Nothing
is lost by holding it back: what made it be said, her words or her call, is owed to her as a follow-up.
"""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging.actions import auto_replies, text_back
from messaging.actions.statuses import move, no_longer_in_doubt
from messaging.bell import ring
from messaging.models import Conversation, FollowUpKind, Message, Purpose, Status

LEAVES_WITHIN = timedelta(minutes=15)  # later, "we close now" or "sorry we missed you" would puzzle her
EVENTS = {Purpose.AUTO_REPLY: Event.AUTO_REPLY_WITHHELD, Purpose.MISSED_CALL: Event.TEXT_BACK_WITHHELD}
WHY_NOT: dict[str, Callable[[Conversation, Message], str]] = {
    Purpose.AUTO_REPLY: auto_replies.why_not_any_more,
    Purpose.MISSED_CALL: text_back.why_not_any_more,
}


def hold_back(row: Conversation, message: Message) -> bool:
    """Hold an automatic text back if it is wrong by now; return whether it was. The caller holds the lock."""
    reason = _why_not(row, message) if message.is_automatic else ""
    return bool(reason) and withhold(row, message, reason)


def withhold(row: Conversation, message: Message, reason: str) -> bool:
    """Have an automatic text that waits not leave, for a reason as the log has it; False when it waits no longer."""
    if not move(message.pk, Status.QUEUED, Status.WITHHELD):
        return False
    no_longer_in_doubt(row, message)
    facts = {"reason": reason}
    record(EVENTS[Purpose(message.purpose)], subject=message, conversation=row.pk, client=row.client_id, facts=facts)
    ring(row)
    return True


def _why_not(row: Conversation, message: Message) -> str:
    """The first thing that stands in the way, as a code for the log; "" when nothing does."""
    if timezone.now() - (message.send_after or message.created_at) > LEAVES_WITHIN:
        return "too_late"
    if row.closed_at is not None:
        return "closed"
    if row.follow_ups.open().filter(kind=FollowUpKind.ASKED_TO_STOP).exists():
        return "asked_to_stop"
    return WHY_NOT[message.purpose](row, message)
