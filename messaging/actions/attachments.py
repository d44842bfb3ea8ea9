"""Files that come with a text: fetched from Twilio, made safe, sealed; or said plainly to be missing."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from audit.events import Event
from audit.facts import Fact
from audit.record import record
from jobs.models import Job
from jobs.queue import enqueue
from messaging import scanner
from messaging.actions.dead_work import leave_to_a_person
from messaging.actions.kinds import kind_of
from messaging.actions.room import has_room_for_files
from messaging.actions.work import Work, look_again
from messaging.bell import ring
from messaging.models import (
    ASKABLE,
    EXPECTED,
    Attachment,
    AttachmentKind,
    AttachmentState,
    Conversation,
    Direction,
    Message,
)
from messaging.pictures import drawn_anew
from messaging.scanner import NotScanned
from messaging.twilio import Gone, TooLarge, door_to, fetch_file, files_of
from tenancy.scope import in_center, release_connection

MOST_A_DAY = 40  # files of one sender that are fetched by themselves: at most 200 MB


def expect_files(message: Message) -> None:
    """Make a place for every file that a new text brings, and have them fetched.

    Of one sender so many a day, or she could fill the disk; what is more waits until a person asks for it (FILE-08).
    """
    if not message.media_count:
        return
    places = _places(message)
    for place in places[_room(message) :]:
        place.state = AttachmentState.HELD
    Attachment.objects.bulk_create(places)
    enqueue(Work.FETCH_FILES, message.pk, center=message.center_id, dedupe=f"files:{message.pk}")


def fetch_files(center_id: UUID, message_id: UUID) -> None:
    """Fetch what is still coming, each file committed by itself. Raises `Busy`, `TooBusy`: come back later."""
    with in_center(center_id):
        message = Message.objects.select_related("line").get(pk=message_id)
        door, coming = door_to(message.line), _expected(message_id)
        if not coming or not message.twilio_sid or _has_to_wait(message):
            return
    try:
        sids = files_of(door, message.twilio_sid)
    except Gone:
        sids = []
    for attachment in coming:
        release_connection()  # Twilio and the drawing take their time
        try:
            file = fetch_file(door, message.twilio_sid, _at(sids, attachment.position))
        except Gone:
            _settle(attachment, AttachmentState.LOST)
        except TooLarge:
            _settle(attachment, AttachmentState.REFUSED)
        else:
            _store(attachment, file)


@transaction.atomic
def ask_again(message: Message) -> None:
    """Have what could not be fetched asked for again."""
    row = message.conversation
    there = set(message.attachments.values_list("position", flat=True))
    Attachment.objects.bulk_create([place for place in _places(message) if place.position not in there])
    message.attachments.filter(state__in=ASKABLE).update(state=AttachmentState.COMING)
    enqueue(Work.FETCH_FILES, message.pk, center=message.center_id)
    record(Event.FILE_ASKED_AGAIN, subject=message, conversation=row.pk, client=row.client_id)
    ring(row)


def give_up_fetching(job: Job) -> None:
    """After a day: say so in the thread, and leave it to a person. Runs in the job's own scope."""
    Attachment.objects.filter(message=job.subject_id, state__in=EXPECTED).update(state=AttachmentState.LOST)
    leave_to_a_person(job)


def _has_to_wait(message: Message) -> bool:
    """Where there is no room, files stay at Twilio and come by themselves later."""
    has_room = has_room_for_files(message.center_id)
    before, after = reversed(EXPECTED) if has_room else EXPECTED
    if message.attachments.filter(state=before).update(state=after):
        ring(message.conversation)
    if not has_room:
        look_again(Work.FETCH_FILES, message.pk, center=message.center_id)
    return not has_room


def _room(message: Message) -> int:
    """How many of a new text's files are fetched by themselves."""
    today = message.conversation.messages.filter(
        direction=Direction.IN, media_count__gt=0, created_at__gt=timezone.now() - timedelta(days=1)
    )
    before: int = today.exclude(pk=message.pk).aggregate(files=Sum("media_count", default=0))["files"]
    return max(MOST_A_DAY - before, 0)


def _places(message: Message) -> list[Attachment]:
    return [
        Attachment(center_id=message.center_id, message=message, epoch=message.epoch, position=position)
        for position in range(message.media_count)
    ]


def _expected(message_id: UUID) -> list[Attachment]:
    return list(Attachment.objects.filter(message=message_id, state__in=EXPECTED).order_by("position"))


def _at(sids: list[str], position: int) -> str:
    if position >= len(sids):
        raise Gone
    return sids[position]


def _store(attachment: Attachment, file: bytes) -> None:
    """A picture is drawn anew; one that claims to be one and cannot be drawn is refused. The rest is only scanned."""
    attachment.kind = kind_of(file)
    if attachment.kind is AttachmentKind.PICTURE:
        picture = drawn_anew(file)
        if picture is None:
            _settle(attachment, AttachmentState.REFUSED)
            return
        attachment.content_type, attachment.content = picture.content_type, picture.content
        attachment.width, attachment.height = picture.width, picture.height
    elif _is_harmful(attachment, file):
        _settle(attachment, AttachmentState.HARMFUL)
        return
    else:
        attachment.content = file
    _settle(attachment, AttachmentState.STORED)


def _is_harmful(attachment: Attachment, file: bytes) -> bool:
    """Whether the scanner warns of a file. If it says nothing, the file is kept, says so, and is scanned later."""
    if not scanner.is_on():
        return False
    try:
        is_harmful = scanner.is_harmful(file)
    except NotScanned:
        return False
    attachment.scanned_at = timezone.now()
    return is_harmful


def _settle(attachment: Attachment, state: AttachmentState) -> None:
    """Written once: of two workers with the same job the later one finds it settled."""
    with in_center(attachment.center_id):
        waiting = Attachment.objects.filter(pk=attachment.pk, state__in=EXPECTED)
        if not waiting.update(state=state):
            return
        attachment.refresh_from_db(fields=["epoch"])  # its text may have moved meanwhile
        row = Conversation.objects.get(messages=attachment.message_id)
        attachment.state = state
        attachment.save()
        if scanner.is_on() and attachment.is_unscanned:
            look_again(Work.SCAN_FILE, attachment.pk, center=attachment.center_id)
        facts: dict[str, Fact] = {"state": str(state), "kind": str(attachment.kind), "position": attachment.position}
        event = Event.FILE_BLOCKED if state == AttachmentState.HARMFUL else Event.FILE_SETTLED
        record(event, subject=attachment, conversation=row.pk, client=row.client_id, facts=facts)
        ring(row)
