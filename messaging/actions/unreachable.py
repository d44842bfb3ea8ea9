"""What the carriers say of a number by refusing texts: no phone answers to it, again and again (PRIV-04)."""

from datetime import timedelta

from messaging.actions.epochs import end_epoch
from messaging.models import Conversation, Direction, EpochEnd
from messaging.models.failure import NO_PHONE
from messaging.models.message import FAILURES, NEVER_LEFT

IN_A_ROW, OVER = 3, timedelta(days=3)  # a phone that is off for a night, or lost for a day, ends nothing


def heed_failure(row: Conversation, code: int | None) -> None:
    """End the epoch when the last texts all found no phone, for days, and she was not heard. The caller holds the lock.

    code    why the text failed that gives reason to look
    """
    if code not in NO_PHONE:
        return
    ours = row.messages.filter(direction=Direction.OUT).exclude(status__in=NEVER_LEFT)
    last = list(ours.order_by("-sequence").only("status", "error_code", "created_at")[:IN_A_ROW])
    newest, oldest = last[0].created_at, last[-1].created_at
    found_none = [text for text in last if text.status in FAILURES and text.error_code in NO_PHONE]
    was_heard = row.heard_at is not None and row.heard_at > oldest
    if len(found_none) == IN_A_ROW and newest - oldest >= OVER and not was_heard:
        end_epoch(row, EpochEnd.CARRIER)
