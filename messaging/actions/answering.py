"""What a call hears and does next, as TwiML. A call always gets an answer, at worst a place for a message (INB-08).

Addresses in it carry ids only. What is said for a recording is said in both languages, hers first.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Center
from encryption.blind_index import phone_index
from messaging.actions.auto_replies import filled
from messaging.actions.connecting import RETRIES
from messaging.actions.lines import is_a_line
from messaging.actions.numbers import is_near
from messaging.actions.opening import schedule_of
from messaging.actions.sharing import is_over
from messaging.actions.words.spoken import ALSO, IS_RECORDED, PRESS_1, SPOKEN, THANKS, other
from messaging.models import Conversation, Line, Template, TemplateUse
from messaging.twilio import CALL, CallPost, Door, twiml
from messaging.twilio.twiml import Said

SPOKEN_HOOKS = ("voice", "dial", "whisper", "record")
TAKE = "1"  # the key


@dataclass(frozen=True)
class Words:
    """A center's own spoken words, and which language comes first."""

    language: str = "en"
    own: dict[tuple[str, str], str] | None = None

    def said(self, use: TemplateUse) -> tuple[Said, ...]:
        """The words in her language, then a short sentence in the other one."""
        language = self.language
        longer = (self.own or {}).get((use, language)) or SPOKEN[use, language][1]
        also = Said(ALSO[use][other(language)], other(language))
        if use is not TemplateUse.VOICEMAIL:
            return Said(longer, language), also
        recorded = Said(IS_RECORDED[language], language), Said(IS_RECORDED[other(language)], other(language))
        return Said(longer, language), recorded[0], also, recorded[1]


def words_for(door: Door, address: str) -> Words:
    """In the language of whoever has this number, as far as it is known; else in the center's."""
    center = Center.objects.get(pk=door.center_id)
    held = Conversation.objects.filter(
        epoch__ended_at=None,
        epoch__number__center=door.center_id,
        epoch__number__index=phone_index(door.center_id, address),
    )
    row = held.select_related("client").first()
    now = timezone.now()
    known = None if row is None or row.is_silent(now) or is_over(row, now) else row.client
    ready = Template.objects.filter(center=door.center_id, retired_at=None)
    spoken = ready.filter(use__in=[use for use in TemplateUse if use.is_spoken])
    own = {(one.use, one.language): filled(one.body, center, one.language, now) for one in spoken}
    return Words(known.language if known else center.language, own)


def phone_to_ring(line: Line, caller: str, now: datetime) -> str:
    """The phone that is to ring now; "" when none is set, it may not, nobody is there, or it calls itself."""
    number = line.staff_number
    if not number or number == caller or not schedule_of(line.center).is_open(now):
        return ""
    return "" if why_not_ring(number) else number


def why_not_ring(number: str) -> str:
    """Why a phone may not ring for callers, as a code; "" when it may.

    A far or premium number costs the center with each call, and a line would ring on in a circle.
    """
    if not is_near(number):
        return "not_near"
    return "is_a_line" if is_a_line(number) else ""


def is_our_own(line: Line, caller: str) -> bool:
    """Whether the center's own phone, or a line of anybody's here, calls: that is nobody to call back."""
    return caller in (line.number, line.staff_number) or is_a_line(caller)


def ring(door: Door, call: CallPost, phone: str, seconds: int, words: Words) -> str:
    """Ring the center's phone, having greeted her. It shows the center's number, never hers."""
    return twiml.ring(
        *words.said(TemplateUse.CALL_BEGINS),
        number=phone,
        caller_id=door.number,
        seconds=seconds,
        action=_hook(door.line_id, "dial"),
        whisper=_hook(door.line_id, "whisper", call.sid),
        leg_status=_hook(door.line_id, "leg_status", call.sid),
    )


def take_message(line_id: UUID, words: Words) -> str:
    return twiml.take_message(
        *words.said(TemplateUse.VOICEMAIL),
        goodbye=_thanks(words),
        action=_hook(line_id, "record"),
        recording=_hook(line_id, "recording"),
    )


def say_goodbye(words: Words) -> str:
    return twiml.goodbye(*_thanks(words))


def without_words() -> str:
    """They have talked: nothing more is said."""
    return twiml.goodbye()


def whisper(line_id: UUID, call_sid: str, key: str, words: Words) -> str:
    """Before a key: the question. After it: the connection, or none."""
    if not key:
        question = Said(PRESS_1[words.language], words.language)
        return twiml.ask_to_press(question, action=_hook(line_id, "whisper", call_sid))
    return twiml.connect() if key == TAKE else twiml.goodbye()


def without_records(line_id: UUID, hook: str, post: QueryDict, about: str) -> str:
    """What a call does while nothing can be looked up: who is connected stays so, everybody else leaves a message."""
    words = Words()
    if hook == "whisper" and not CALL.fullmatch(about):
        return twiml.goodbye()
    if hook == "whisper":
        return whisper(line_id, about, post.get("Digits", ""), words)
    if hook == "record":
        return say_goodbye(words)
    if hook == "dial" and post.get("DialBridged") == "true":
        return without_words()
    return take_message(line_id, words)


def _thanks(words: Words) -> tuple[Said, ...]:
    return (Said(THANKS[words.language], words.language),)


def _hook(line_id: UUID, hook: str, call_sid: str = "") -> str:
    query = f"?call={call_sid}" if call_sid else ""
    return f"{settings.PUBLIC_BASE_URL}/hooks/twilio/{line_id}/{hook}{query}{RETRIES}"
