"""How the log is doing: for the health page, the log page, and the acts that need a live sequencer."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from audit.models import Checkpoint, PendingLeaf

LATE_SECONDS = 60
STOPPED_SECONDS = 900
COUNT_AT_MOST = 10_000


@dataclass(frozen=True)
class TreeStatus:
    """`waiting` entries have no number yet, the oldest of them for `lag_seconds`."""

    size: int
    last_checkpoint_at: datetime | None
    waiting: int
    lag_seconds: float

    @property
    def is_late(self) -> bool:
        """Somebody should look at the sequencer."""
        return self.lag_seconds > LATE_SECONDS

    @property
    def is_stopped(self) -> bool:
        """Exports, erasures and changes of roles have to wait (AUD-08)."""
        return self.lag_seconds > STOPPED_SECONDS


def tree_status() -> TreeStatus:
    """Three short queries, none of which grows with the log."""
    last = Checkpoint.objects.only("size", "created_at").newest()
    oldest = PendingLeaf.objects.order_by("pk").values_list("since", flat=True).first()
    return TreeStatus(
        size=last.size if last else 0,
        last_checkpoint_at=last.created_at if last else None,
        waiting=PendingLeaf.objects.order_by()[:COUNT_AT_MOST].count() if oldest else 0,
        lag_seconds=max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0,
    )
