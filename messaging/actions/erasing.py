"""Nothing is left at Twilio: what is stored here and settled is erased there, and read again to be sure.

What Twilio still lists is what we still owe: `count_overdue` is on the health page. A text with files
stays until each of them is stored here or was refused, a recording until it is or holds nothing. What could not
be fetched is kept there for a person to ask again, but not for ever: after two weeks it is erased unheard.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.events import Event
from audit.record import record
from messaging.models import ASKABLE, EXPECTED, Attachment, Line, Message, Recording, RecordingState, Status
from messaging.twilio import Busy, Door, door_to, erase_recording, erase_text
from tenancy.scope import in_center

AT_ONCE = 200  # texts a pass; the next pass is five minutes later
MOSTLY_SETTLED = timedelta(days=3)  # many carriers never report more than "sent"
PASSES_LATE = timedelta(minutes=30)
LOST_AFTER = timedelta(days=14)
DONE_WITH = (RecordingState.STORED, RecordingState.REFUSED, RecordingState.ABSENT)
SETTLED = (Status.RECEIVED, Status.DELIVERED, Status.READ, Status.UNDELIVERED, Status.FAILED)


def erase_what_is_settled(center_id: UUID, line_id: UUID) -> int:
    """Erase at Twilio what is old enough; return how many texts and recordings are gone there now.

    What Twilio is not done with is tried again at the next pass, and so is all of it while it is away.
    """
    with in_center(center_id):
        line = Line.objects.get(pk=line_id)
        door, texts, recordings = door_to(line), list(_due(line)[:AT_ONCE]), list(_recordings_due(line)[:AT_ONCE])
    gone = _erase(door, texts)
    gone_recordings = _erase_recordings(door, recordings)
    count = len(gone) + len(gone_recordings)
    if count:
        with in_center(center_id):
            Message.objects.filter(pk__in=gone).update(erased_at=timezone.now())
            Recording.objects.filter(pk__in=gone_recordings).update(erased_at=timezone.now())
            record(Event.ERASED_AT_TWILIO, subject=line, facts={"count": count})
    return count


def count_overdue(center_id: UUID) -> int:
    """How many texts and recordings Twilio still holds past their time: what was not fetched, and what it refused."""
    return _count(center=center_id, created_at__lt=_owed_since())


def count_in_time(center_id: UUID) -> int:
    """How many texts and recordings Twilio still holds because their time has not come."""
    return _count(center=center_id, created_at__gte=_owed_since())


def _count(**which: Any) -> int:
    return _at_twilio().filter(**which).count() + Recording.objects.filter(erased_at=None, **which).count()


def _erase(door: Door, due: list[Message]) -> list[UUID]:
    gone = []
    for message in due:
        try:
            if erase_text(door, message.twilio_sid or "", with_files=message.media_count > 0):
                gone.append(message.pk)
        except Busy:
            break
    return gone


def _erase_recordings(door: Door, due: list[Recording]) -> list[UUID]:
    gone = []
    for recording in due:
        try:
            if erase_recording(door, recording.twilio_sid):
                gone.append(recording.pk)
        except Busy:
            break
    return gone


def _recordings_due(line: Line) -> "QuerySet[Recording]":
    done_with = Q(state__in=DONE_WITH) | Q(state=RecordingState.LOST, created_at__lt=timezone.now() - LOST_AFTER)
    held = Recording.objects.without_content().filter(done_with, line=line, erased_at=None)
    return held.filter(created_at__lt=_kept_until())


def _due(line: Line) -> "QuerySet[Message]":
    settled = Q(status__in=SETTLED) | Q(status=Status.SENT, created_at__lt=timezone.now() - MOSTLY_SETTLED)
    owed = Attachment.objects.filter(message=OuterRef("pk"))
    coming, lost = owed.filter(state__in=EXPECTED), owed.filter(state__in=ASKABLE)
    has_all = Q(media_count=0) | Q(Exists(owed)) & ~Q(Exists(lost))
    settled &= has_all | Q(created_at__lt=timezone.now() - LOST_AFTER)
    ripe = _at_twilio().filter(settled, ~Q(Exists(coming)), line=line, created_at__lt=_kept_until())
    return ripe.only("pk", "twilio_sid", "media_count").order_by("created_at")


def _at_twilio() -> "QuerySet[Message]":
    return Message.objects.filter(erased_at=None, twilio_sid__isnull=False)


def _owed_since() -> datetime:
    return _kept_until() - PASSES_LATE


def _kept_until() -> datetime:
    return timezone.now() - timedelta(hours=settings.TWILIO_KEEP_HOURS)
