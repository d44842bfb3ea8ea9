"""Each step of a call as Twilio posts it: what is kept of it, and what the call is told to do next."""

from dataclasses import replace
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone

from messaging.actions import answering
from messaging.actions.calls import News, note_call, note_more
from messaging.actions.voicemails import note_recording
from messaging.models import CallState, Line
from messaging.twilio import CallPost, DialPost, Door, LegPost, RecordingPost, parent_sid
from tenancy.scope import in_center


def begins(door: Door, post: QueryDict, about: str, said_at: datetime | None) -> str:
    """She calls. Of a call that waited in the spool it is known that nobody was rung."""
    call = replace(CallPost.from_post(post), said_at=said_at)
    with in_center(door.center_id):
        line = _line(door)
        words = answering.words_for(door, call.caller)
        if answering.is_our_own(line, call.caller):
            return answering.say_goodbye(words)
        phone = answering.phone_to_ring(line, call.caller, timezone.now()) if said_at is None else ""
        kept, _ = note_call(door, call, News(unanswered=not phone, ended=call.is_over))
        if phone and kept.state == CallState.RINGING:
            return answering.ring(door, call, phone, line.ring_seconds, words)
        return answering.take_message(door.line_id, words)


def dialled(door: Door, post: QueryDict, about: str, said_at: datetime | None) -> str:
    """The center's phone has rung, and this is how that ended for her."""
    dial = DialPost.from_post(post)
    call = replace(dial.call, said_at=said_at)
    with in_center(door.center_id):
        words = answering.words_for(door, call.caller)
        if answering.is_our_own(_line(door), call.caller):
            return answering.say_goodbye(words)
        news = News(
            bridged=dial.bridged is True,
            unanswered=dial.bridged is False,
            ended=call.is_over,
            talk_seconds=dial.seconds if dial.bridged else None,
        )
        kept, _ = note_call(door, call, news)
        if kept.state in (CallState.TALKED, CallState.TALKING):
            return answering.without_words()
        return answering.take_message(door.line_id, words)


def whispers(door: Door, post: QueryDict, about: str, said_at: datetime | None) -> str:
    """Somebody has picked up the center's phone, or pressed a key on it."""
    leg, call_sid = LegPost.from_post(post), parent_sid(about)
    with in_center(door.center_id):
        words = answering.Words(_line(door).center.language)
        if leg.key == answering.TAKE:
            note_more(door, call_sid, News(accepted=True))
        return answering.whisper(door.line_id, call_sid, leg.key, words)


def leg_reported(door: Door, post: QueryDict, about: str, said_at: datetime | None) -> None:
    """How the center's phone stands. That it was never answered settles the call; that it was proves nothing."""
    leg = LegPost.from_post(post)
    if leg.was_never_answered:
        note_more(door, parent_sid(about), News(unanswered=True))


def message_left(door: Door, post: QueryDict, about: str, said_at: datetime | None) -> str:
    """She has stopped speaking, or hung up."""
    call, recording = replace(CallPost.from_post(post), said_at=said_at), RecordingPost.from_post(post)
    with in_center(door.center_id):
        words = answering.words_for(door, call.caller)
        if not answering.is_our_own(_line(door), call.caller):
            note_call(door, call, News(unanswered=True, ended=call.is_over))
            note_recording(door, recording)
        return answering.say_goodbye(words)


def recording_reported(door: Door, post: QueryDict, about: str, said_at: datetime | None) -> None:
    """A recording is ready, or holds nothing. Only whom nobody answers is recorded."""
    recording = RecordingPost.from_post(post)
    with in_center(door.center_id):
        if note_more(door, recording.call_sid, News(unanswered=True)) is not None:
            note_recording(door, recording)


def ended(door: Door, post: QueryDict, about: str, said_at: datetime | None) -> None:
    """The call is over, for whatever reason: always posted, in any place of the order."""
    call = replace(CallPost.from_post(post), said_at=said_at)
    with in_center(door.center_id):
        if not answering.is_our_own(_line(door), call.caller):
            note_call(door, call, News(ended=True))


def listed(door: Door, call: CallPost) -> bool:
    """Take in a call that Twilio lists; return whether nobody had told us of it."""
    with in_center(door.center_id):
        if answering.is_our_own(_line(door), call.caller):
            return False
        return note_call(door, call, News(ended=call.is_over))[1]


def _line(door: Door) -> Line:
    return Line.objects.select_related("center").get(pk=door.line_id)
