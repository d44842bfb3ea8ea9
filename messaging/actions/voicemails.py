"""Messages that callers leave: fetched from Twilio, sealed; or said plainly to be missing."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.events import Event
from audit.facts import Fact
from audit.record import record
from jobs.models import Job
from jobs.queue import enqueue
from messaging.actions.calls import give_conversation, lock_call
from messaging.actions.follow_ups import owe
from messaging.actions.room import has_room_on_disk
from messaging.actions.work import Work, look_again, record_death
from messaging.bell import ring
from messaging.models import TO_COME, Call, Conversation, FollowUpKind, Recording, RecordingState
from messaging.twilio import Busy, Door, Gone, RecordingPost, TooLarge, door_to, fetch_recording
from tenancy.scope import in_center

LEFT_A_MESSAGE = "voicemail"  # in the list, beside the states of a call
READY_WITHIN = timedelta(hours=1)  # a recording this young may still be made ready at Twilio
# (offset, bytes): by these marks a sound is known, never by its name (FILE-03)
WAV, MP3 = "audio/wav", "audio/mpeg"
MARKS = {WAV: ((8, b"WAVE"),), MP3: ((0, b"ID3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"), (0, b"\xff\xf2"))}


def note_recording(door: Door, post: RecordingPost) -> bool:
    """Keep that a call was recorded, and have the recording fetched; return whether this was new.

    The end of the recording, its callback and Twilio's list tell of it in any order. Of a call that this line does
    not know nothing is kept: Twilio's list will bring the call, and then the recording.
    """
    with in_center(door.center_id):
        found = lock_call(door, post.call_sid)
        if found is None:
            return False
        row, call = found
        if row is None and post.is_absent:
            return False  # a withheld number and not a word: nobody who could be called back
        row = row or give_conversation(door, call)
        fresh = Recording(
            center_id=call.center_id, call=call, line_id=call.line_id, epoch=row.epoch_id, twilio_sid=post.sid
        )
        Recording.objects.bulk_create([fresh], ignore_conflicts=True)
        kept = Recording.objects.without_content().get(line=call.line_id, twilio_sid=post.sid)
        if _say_more(kept, post) or kept.pk == fresh.pk:
            _have_fetched(kept)
            _show(row, call)
            ring(row)
        return kept.pk == fresh.pk


def fetch(center_id: UUID, recording_id: UUID) -> None:
    """Fetch and seal one recording. Raises `Busy`: come back later."""
    with in_center(center_id):
        recording = Recording.objects.without_content().select_related("line").get(pk=recording_id)
        door = door_to(recording.line)
        if recording.state not in TO_COME or _has_to_wait(recording):
            return
    try:
        sound = fetch_recording(door, recording.twilio_sid)
    except Gone:
        if recording.created_at > timezone.now() - READY_WITHIN:
            raise Busy from None
        recording.erased_at = timezone.now()  # Twilio holds it no longer, so nothing of it is owed there
        _settle(recording, RecordingState.LOST)
    except TooLarge:
        _settle(recording, RecordingState.REFUSED)
    else:
        _store(recording, sound)


@transaction.atomic
def ask_again(recording: Recording) -> None:
    """Have a recording that could not be fetched asked for again."""
    row = Conversation.objects.get(calls=recording.call_id)
    lost = Recording.objects.filter(pk=recording.pk, state=RecordingState.LOST)
    if not lost.update(state=RecordingState.COMING, erased_at=None):
        return
    enqueue(Work.FETCH_RECORDING, recording.pk, center=recording.center_id)
    record(Event.VOICEMAIL_ASKED_AGAIN, subject=recording, conversation=row.pk, client=row.client_id)
    ring(row)


def give_up(job: Job) -> None:
    """After a day: say so in the thread, and leave it to a person. Runs in the job's own scope."""
    Recording.objects.filter(pk=job.subject_id, state__in=TO_COME).update(state=RecordingState.LOST)
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("center")
    row = rows.filter(calls__recordings=job.subject_id).first()
    record_death(job)
    if row is not None:
        owe(row, FollowUpKind.WORK_FAILED, due_at=timezone.now())
        ring(row)


def kind_of_sound(sound: bytes) -> str:
    """The type of a sound that we play; "" for all that is not known."""
    for kind, marks in MARKS.items():
        if any(sound[at : at + len(mark)] == mark for at, mark in marks):
            return kind
    return ""


def word_for(call: Call) -> str:
    """What the list says of her last call."""
    has_message = call.recordings.exclude(state=RecordingState.ABSENT).exists()
    return LEFT_A_MESSAGE if has_message else str(call.state)


def _say_more(recording: Recording, post: RecordingPost) -> bool:
    """Its length, and that nothing was said; whether that was news. What is stored stays stored."""
    is_absent = post.is_absent and recording.state in TO_COME
    is_longer = (post.seconds or 0) > (recording.seconds or 0)
    if is_longer:
        recording.seconds = post.seconds
    if is_absent:
        recording.state = RecordingState.ABSENT
    if is_absent or is_longer:
        recording.save(update_fields=["seconds", "state"])
    return is_absent or is_longer


def _show(row: Conversation, call: Call) -> None:
    """In the list, a voicemail is more than a missed call: as long as nothing came after it."""
    if not row.ends_with_call or row.calls.filter(sequence__gt=call.sequence).exists():
        return
    row.last_call = word_for(call)
    row.save(update_fields=["last_call"])


def _have_fetched(recording: Recording) -> None:
    if recording.state == RecordingState.COMING:
        key = f"recording:{recording.pk}"
        enqueue(Work.FETCH_RECORDING, recording.pk, center=recording.center_id, dedupe=key)


def _has_to_wait(recording: Recording) -> bool:
    """While the disk has no room it stays at Twilio. A center's share is no reason to let somebody's voice wait."""
    has_room = has_room_on_disk()
    before, after = reversed(TO_COME) if has_room else TO_COME
    if Recording.objects.filter(pk=recording.pk, state=before).update(state=after):
        ring(Conversation.objects.get(calls=recording.call_id))
    if not has_room:
        look_again(Work.FETCH_RECORDING, recording.pk, center=recording.center_id)
    return not has_room


def _store(recording: Recording, sound: bytes) -> None:
    kind = kind_of_sound(sound)
    if not kind:
        _settle(recording, RecordingState.REFUSED)
        return
    recording.content_type, recording.content = kind, sound
    _settle(recording, RecordingState.STORED)


def _settle(recording: Recording, state: RecordingState) -> None:
    """Written once: of two workers with the same job the later one finds it settled."""
    with in_center(recording.center_id):
        waiting = Recording.objects.filter(pk=recording.pk, state__in=TO_COME)
        if not waiting.update(state=state):
            return
        recording.refresh_from_db(fields=["epoch"])  # its call may have moved meanwhile
        row = Conversation.objects.get(calls=recording.call_id)
        recording.state = state
        content = ["content_type", "content"] if recording.content_type else []
        recording.save(update_fields=["state", "erased_at", *content])
        facts: dict[str, Fact] = {"state": str(state)}
        record(Event.VOICEMAIL_SETTLED, subject=recording, conversation=row.pk, client=row.client_id, facts=facts)
        ring(row)
