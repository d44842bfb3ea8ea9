"""Numbers of which nothing was heard for so long that they may belong to somebody else (PRIV-04).

Carriers give a number to somebody new 45 days after it was given up. From then on what is written to it is asked about
first and tells nothing (`guardrails`, `replies`); after 90 days its epoch ends, as she is heard again or by the clock.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import Center
from messaging.actions.epochs import end_epoch
from messaging.actions.sharing import is_over
from messaging.models import Conversation, EpochEnd
from messaging.models.conversation import SILENT_AFTER
from tenancy.scope import in_center, in_platform

AT_ONCE, AT_MOST = 50, 1000  # of one center: in one transaction, and in one hour


def still_hers(row: Conversation | None, said_at: datetime | None) -> Conversation | None:
    """The conversation with a number, unless she was not heard for so long that whoever speaks now is a stranger.

    On a phone that several people use, twelve hours without a word are so long.
    Its epoch then ends here. The caller holds the lock.

    said_at    when it was said, if that is not now
    """
    now = said_at or timezone.now()
    if row is None or not (row.is_silent(now) or is_over(row, now)):
        return row
    end_epoch(row, EpochEnd.SILENCE if row.is_silent(now) else EpochEnd.SHARED)
    return None


def note_heard(row: Conversation, said_at: datetime | None) -> None:
    """She was heard. What comes late does not make it any earlier. The caller saves the row."""
    moment = said_at or timezone.now()
    row.heard_at = max(row.heard_at or moment, moment)


def end_silent_epochs() -> None:
    """End what nobody was heard in for too long, so that nothing is sent to whoever has those numbers now.

    What is left over, after an update say, comes an hour later.
    """
    with in_platform():
        centers = list(Center.objects.values_list("pk", flat=True))
    latest = timezone.now() - SILENT_AFTER
    for center in centers:
        for silent in (Q(heard_at__lt=latest), Q(heard_at=None, created_at__lt=latest)):  # one index range each
            for _turn in range(AT_MOST // AT_ONCE):
                if _end_some(center, silent) < AT_ONCE:
                    break


def _end_some(center: UUID, silent: Q) -> int:
    """Those that somebody writes to or in right now are left for the next time."""
    with in_center(center):
        found = Conversation.objects.filter(silent, center=center, ended_at=None).order_by("heard_at")
        rows = list(found.select_for_update(of=("self",), skip_locked=True).select_related("center")[:AT_ONCE])
        for row in rows:
            end_epoch(row, EpochEnd.SILENCE)
        return len(rows)
