"""When a desk of a center locks, and from where its people may come in."""

from collections.abc import Sequence

from accounts.actions.people import hold
from accounts.models import Center, Membership
from audit.events import Event
from audit.guard import audited
from audit.record import record
from audit.sealing import refuse_while_the_log_stands_still, seal_before_the_answer


def set_access(center: Center, *, by: Membership, idle_minutes: int | None, networks: Sequence[str]) -> None:
    """Set both for a center. Raises `MayNoLonger`. The log holds how many networks there are, not which.

    idle_minutes    None for what the server is set to
    """
    refuse_while_the_log_stands_still()
    with audited(Event.ACCESS_CHANGED):
        hold(by)
        row = Center.objects.select_for_update().get(pk=center.pk)
        facts = {
            "idle_minutes_before": row.idle_minutes,
            "idle_minutes_after": idle_minutes,
            "networks_before": len(row.networks),
            "networks_after": len(networks),
        }
        row.idle_minutes, row.networks = idle_minutes, list(networks)
        row.save(update_fields=["idle_minutes", "networks"])
        seal_before_the_answer(record(Event.ACCESS_CHANGED, subject=row, facts=facts))


def open_everywhere(center: Center) -> None:
    """Let people in from everywhere again: for a center whose admins stand outside. It waits for no log."""
    with audited(Event.ACCESS_CHANGED):
        row = Center.objects.select_for_update().get(pk=center.pk)
        facts = {"networks_before": len(row.networks), "networks_after": 0}
        row.networks = []
        row.save(update_fields=["networks"])
        record(Event.ACCESS_CHANGED, subject=row, facts=facts)
