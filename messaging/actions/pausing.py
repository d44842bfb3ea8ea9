"""A line whose texts Twilio does not take pauses, asks again with one text, and pauses for longer (OUT-13).

What waits meanwhile stays queued, uses up none of its tries, and goes out oldest first. An account that Twilio refuses
stops until an admin says that it is mended.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, OuterRef, Q, Subquery, Value
from django.utils import timezone

from accounts.models import Membership
from audit.events import Event
from audit.record import record
from jobs.models import Job
from jobs.nudge import nudge
from jobs.queue import enqueue
from messaging.actions.follow_ups import owe
from messaging.actions.work import Work
from messaging.bell import ring
from messaging.models import Conversation, FollowUp, FollowUpKind, FollowUpOutcome, Line, Message, SendingTrouble
from messaging.models.message import STALE
from messaging.twilio import Door

PAUSE_AFTER = 5  # failures in a row
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=5)
PROBE_TAKES = timedelta(seconds=15)  # a call takes thirteen at most
HELD = Q(paused_until__isnull=False) | Q(stopped_code__isnull=False)


class Paused(Exception):
    """Nothing of this line is sent before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def wait_while_paused(message: Message) -> None:
    """Raise `Paused` while the line pauses. When a pause is over, the first to come is let through as the question."""
    trouble = SendingTrouble.objects.select_for_update().filter(HELD, line=message.line_id).first()
    if trouble is None:
        return
    now = timezone.now()
    if trouble.stopped_code is not None or trouble.paused_until is None:
        raise Paused(_in_turn(trouble, message.created_at, _next_look(trouble)))
    if now < trouble.paused_until:
        raise Paused(_in_turn(trouble, message.created_at, trouble.paused_until))
    trouble.paused_until = now + PROBE_TAKES
    trouble.save(update_fields=["paused_until"])


def note_failure(door: Door, written_at: datetime) -> datetime | None:
    """Count a text that Twilio did not take, or may not have; return when its turn comes, if the line pauses now."""
    known = SendingTrouble.objects.select_for_update()
    trouble, _ = known.get_or_create(line_id=door.line_id, defaults={"center_id": door.center_id})
    trouble.failures += 1
    if trouble.failures >= PAUSE_AFTER:
        longer = FIRST_PAUSE * 2 ** min(trouble.failures - PAUSE_AFTER, 10)
        trouble.paused_until = timezone.now() + min(longer, LONGEST_PAUSE)
    trouble.save(update_fields=["failures", "paused_until"])
    return _in_turn(trouble, written_at, trouble.paused_until) if trouble.paused_until else None


def note_answer(door: Door) -> None:
    """Twilio has answered: what went before is forgotten."""
    SendingTrouble.objects.filter(line=door.line_id, stopped_code=None).delete()


def stop(row: Conversation, message: Message, code: int) -> datetime:
    """Twilio refuses the account: somebody is told, once. Returns when to look again whether an admin has mended it."""
    trouble, _ = SendingTrouble.objects.select_for_update().get_or_create(
        line_id=message.line_id, defaults={"center_id": row.center_id}
    )
    if trouble.stopped_code is None:
        trouble.stopped_code = code
        trouble.save(update_fields=["stopped_code"])
        owe(row, FollowUpKind.SENDING_STOPPED, message=message, due_at=timezone.now())
        record(Event.SENDING_STOPPED, subject=message.line, facts={"code": code})
        ring(row)
    return _in_turn(trouble, message.created_at, _next_look(trouble))


@transaction.atomic
def send_again(line: Line, *, by: Membership) -> None:
    """An admin says that the account is mended: what waits is tried at once, oldest first."""
    SendingTrouble.objects.filter(line=line).delete()
    owed = FollowUp.objects.open().filter(kind=FollowUpKind.SENDING_STOPPED, message__line=line)
    owed.update(settled_at=timezone.now(), settled_by=by.staff_id, outcome=FollowUpOutcome.DONE)
    _have_it_tried(line)
    record(Event.SENDING_RESUMED, subject=line)
    transaction.on_commit(nudge, robust=True)


def _have_it_tried(line: Line) -> None:
    """Bring forward the work of this line's texts, oldest first, but of none that may still be taken back."""
    now = timezone.now()
    waiting = Job.objects.waiting().filter(kind=Work.DELIVER, center_id=line.center_id, run_at__gt=now)
    theirs = Message.objects.filter(pk__in=list(waiting.values_list("subject_id", flat=True)), line=line)
    due = theirs.exclude(send_after__gt=now)
    written_at = Subquery(Message.objects.filter(pk=OuterRef("subject_id")).values("created_at"))
    a_bit = ExpressionWrapper((now - written_at) / Value(10_000), DurationField())
    waiting.filter(subject_id__in=list(due.values_list("pk", flat=True))).update(run_at=now - a_bit)


def try_later(center_id: UUID, message_id: UUID, pause: Paused) -> None:
    """A job of its own for after the pause, so that waiting uses up no tries."""
    enqueue(Work.DELIVER, message_id, center=center_id, run_at=pause.until)


def stopped_lines(center_id: UUID) -> list[Line]:
    """Those of a center whose account Twilio refuses."""
    return list(Line.objects.filter(center=center_id, trouble__stopped_code__isnull=False))


def paused_lines(center_id: UUID) -> list[Line]:
    """Those of a center that wait before they ask Twilio again, each with its trouble."""
    theirs = Line.objects.filter(center=center_id, trouble__stopped_code=None).select_related("trouble")
    return list(theirs.filter(trouble__paused_until__gt=timezone.now()))


def nothing_is_sent() -> bool:
    """Whether every line of this installation pauses now or is stopped. Runs in the platform's scope."""
    pauses_or_stopped = Q(paused_until__gt=timezone.now()) | Q(stopped_code__isnull=False)
    held = SendingTrouble.objects.filter(pauses_or_stopped, line__retired_at=None).count()
    return held > 0 and held >= Line.objects.filter(retired_at=None).count()


def _next_look(trouble: SendingTrouble) -> datetime:
    """The same moment for all that wait for an admin."""
    passed = (timezone.now() - trouble.since) // LONGEST_PAUSE
    return trouble.since + (passed + 1) * LONGEST_PAUSE


def _in_turn(trouble: SendingTrouble, written_at: datetime, moment: datetime) -> datetime:
    """Just after a moment: what was written first comes first, and a day's texts within nine seconds."""
    return moment + max(written_at - (trouble.since - STALE), timedelta()) / 10_000
