"""That somebody looked at a week of the log is itself in the log."""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from audit.events import Event
from audit.facts import Fact
from audit.models import LogEntry
from audit.record import record
from audit.review import Week
from audit.sealing import refuse_while_the_log_stands_still, seal_before_the_answer
from audit.tree_status import tree_status


class NotOver(Exception):
    """A week can be signed off when it has ended."""


class SignedOff(NamedTuple):
    by: UUID
    entry: LogEntry


@transaction.atomic
def sign_off(week: Week, *, marked: int) -> None:
    """Put on the record that the actor looked at this week, and how many people were marked then.

    raises `NotOver`, `LogStopped`
    """
    if not week.is_over:
        raise NotOver
    refuse_while_the_log_stands_still()
    facts: dict[str, Fact] = {"week": week.name, "marked": marked, "size": tree_status().size}
    seal_before_the_answer(record(Event.LOG_REVIEWED, facts=facts))


def who_signed_off(center: UUID, week: Week) -> list[SignedOff]:
    """Everybody who signed this week off, the first one first."""
    entries = LogEntry.objects.of_center(center).filter(event=Event.LOG_REVIEWED, facts__week=week.name)
    since = entries.filter(timestamp__gte=week.bounds()[1], actor_id__isnull=False)
    return [SignedOff(entry.actor_id, entry) for entry in since.order_by("timestamp")]
