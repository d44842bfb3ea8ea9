"""The third layer of receiving: what Twilio holds is compared with what we hold, and what we missed is taken in.

Every line is compared at start and every five minutes, from a day before the last time (INB-10). A webhook
that comes late finds its text here already, and the other way round: the sid is the same.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from jobs.models import Job
from jobs.queue import enqueue
from messaging.actions.call_steps import listed
from messaging.actions.inbound import receive_text
from messaging.actions.voicemails import note_recording
from messaging.actions.work import Work
from messaging.models import Call, Line, Message, Recording
from messaging.twilio import Busy, Door, calls_received, door_to, recordings_made, texts_received
from tenancy.scope import in_center, in_platform

EVERY = timedelta(minutes=5)
OVERLAP = timedelta(hours=24)
UNDER_WAY = timedelta(seconds=60)  # the webhook of a text this young may still be coming

log = structlog.get_logger(__name__)


def keep_reconciling() -> None:
    """Compare every line at once. Each comparison then arranges the next."""
    with in_platform():
        for line in Line.objects.filter(retired_at=None):
            enqueue(Work.RECONCILE, line.pk, center=line.center_id)


def reconcile_in_turn(center_id: UUID, line_id: UUID) -> None:
    """Compare one line, having arranged for the next time. While Twilio is away nothing is lost but time."""
    with in_center(center_id):
        line = Line.objects.filter(pk=line_id, retired_at=None).first()
        if line is None:
            return
        _arrange_next(line)
    until = timezone.now() - UNDER_WAY
    _compare("texts_or_calls", line_id, lambda: reconcile(center_id, line_id, until=until))
    _compare("recordings", line_id, lambda: recover_recordings(center_id, line_id, until=until))


def _compare(what: str, line_id: UUID, compare: Callable[[], int]) -> None:
    try:
        count = compare()
    except Busy:
        log.warning("reconcile_twilio_away", line=str(line_id), what=what)
        return
    if count:
        log.error("recovered_at_twilio", line=str(line_id), what=what, count=count)  # webhooks did not reach us


def arrange_next_comparison(job: Job) -> None:
    """A comparison that was given up does not end the chain. Runs in the job's own scope."""
    if line := Line.objects.filter(pk=job.subject_id, retired_at=None).first():
        _arrange_next(line)


def reconcile(center_id: UUID, line_id: UUID, *, until: datetime) -> int:
    """Take in what Twilio holds of a line, up to a time, and we do not; return how much that was. Raises `Busy`."""
    with in_center(center_id):
        line = Line.objects.get(pk=line_id)
        door, since = door_to(line), _since(line)
    texts = texts_received(door, since=since, until=until)
    calls = calls_received(door, since=since, until=until)
    known = _known(door, {text.sid for text in texts}, {call.sid for call in calls})
    missed_texts = [receive_text(door, text)[1] for text in texts if text.sid not in known]
    missed_calls = [listed(door, call) for call in calls if call.sid not in known]
    with in_center(center_id):
        Line.objects.filter(pk=line_id).update(reconciled_at=until)
    return sum(missed_texts) + sum(missed_calls)


def recover_recordings(center_id: UUID, line_id: UUID, *, until: datetime) -> int:
    """Have fetched what callers left and no callback told of; return how much that was. Raises `Busy`.

    Recordings are listed by account, so those of other lines' calls are left alone. Whatever Twilio may still hold is
    looked at each time: after a restore too, and there are few, because those that are here are erased there.
    """
    with in_center(center_id):
        line = Line.objects.get(pk=line_id)
        door, begun = door_to(line), line.created_at.replace(microsecond=0)
    kept = timedelta(hours=settings.TWILIO_KEEP_HOURS) + OVERLAP
    made = recordings_made(door, since=max(begun, until - kept), until=until)
    with in_center(center_id):
        of_line = Call.objects.filter(line=line_id, twilio_sid__in={post.call_sid for post in made})
        ours = set(of_line.values_list("twilio_sid", flat=True))
        held = Recording.objects.filter(line=line_id, twilio_sid__in={post.sid for post in made})
        known = set(held.values_list("twilio_sid", flat=True))
    return sum(note_recording(door, post) for post in made if post.call_sid in ours and post.sid not in known)


def count_late(center_id: UUID) -> int:
    """How many texts of the last day waited in the spool or at Twilio."""
    recent = Message.objects.filter(center=center_id, created_at__gt=timezone.now() - OVERLAP)
    return recent.filter(said_at__isnull=False).count()


def is_compared(center_id: UUID) -> bool:
    """Whether every line of a center was compared with Twilio's lists of late."""
    late = timezone.now() - 3 * EVERY
    lines = Line.objects.filter(center=center_id, retired_at=None, created_at__lt=late)
    return not lines.exclude(reconciled_at__gt=late).exists()


def _since(line: Line) -> datetime:
    """Never before the line was ours: what was said before then is not for this house."""
    begun = line.created_at.replace(microsecond=0)  # Twilio's times are whole seconds
    return max(begun, (line.reconciled_at or begun) - OVERLAP)


def _known(door: Door, texts: set[str], calls: set[str]) -> set[str]:
    """What needs no second look: every text that is here, and every call whose end is."""
    with in_center(door.center_id):
        held = Message.objects.filter(line=door.line_id, twilio_sid__in=texts).values_list("twilio_sid", flat=True)
        over = Call.objects.filter(line=door.line_id, twilio_sid__in=calls, ended_at__isnull=False)
        called = over.values_list("twilio_sid", flat=True)
        return {sid for sid in held if sid} | set(called)


def _arrange_next(line: Line) -> None:
    """One comparison a line and five minutes, however many processes arrange it."""
    turn = int(timezone.now().timestamp() // EVERY.total_seconds()) + 1
    when = datetime.fromtimestamp(turn * EVERY.total_seconds(), tz=UTC)
    enqueue(Work.RECONCILE, line.pk, center=line.center_id, run_at=when, dedupe=f"reconcile:{line.pk}:{turn}")
