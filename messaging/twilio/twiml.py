"""What a call is told to do, as Twilio reads it. The library escapes; signs that XML forbids are left out."""

import re
from dataclasses import dataclass

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

ACCENTS = {"en": "en-US", "es": "es-MX"}
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
RING_LEAST, RING_MOST = 5, 60  # seconds
LONGEST_MESSAGE = 120  # seconds
SILENCE = 5  # seconds after which a message is over
KEY_WAIT = 8  # seconds in which a key can be pressed


@dataclass(frozen=True)
class Said:
    """One sentence and its language."""

    words: str
    language: str


def ring(*said: Said, number: str, caller_id: str, seconds: int, action: str, whisper: str, leg_status: str) -> str:
    """Say something, then ring a phone; whoever answers it hears `whisper` first."""
    response = _saying(*said)
    within = min(max(seconds, RING_LEAST), RING_MOST)
    dial = Dial(answer_on_bridge=True, timeout=within, caller_id=caller_id, action=action, method="POST")
    dial.number(
        number,
        url=whisper,
        method="POST",
        status_callback=leg_status,
        status_callback_event="answered completed",
        status_callback_method="POST",
    )
    return _written(response.append(dial))


def take_message(*said: Said, goodbye: tuple[Said, ...], action: str, recording: str) -> str:
    """Say that a message can be left and is recorded, then record it."""
    response = _saying(*said)
    response.record(
        action=action,
        method="POST",
        max_length=LONGEST_MESSAGE,
        timeout=SILENCE,
        play_beep=True,
        recording_status_callback=recording,
        recording_status_callback_event="completed absent",
        recording_status_callback_method="POST",
    )
    return _ending(response, goodbye)


def ask_to_press(said: Said, *, action: str) -> str:
    """What the center's phone hears before it is connected. Without a key it is not."""
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=KEY_WAIT, action=action, method="POST")
    gather.say(_clean(said.words), language=ACCENTS[said.language])
    response.append(gather)
    response.hangup()
    return _written(response)


def goodbye(*said: Said) -> str:
    """Say something, if anything, and hang up."""
    return _ending(VoiceResponse(), said)


def connect() -> str:
    """Nothing more to hear: the two are connected."""
    return _written(VoiceResponse())


def _saying(*said: Said) -> VoiceResponse:
    response = VoiceResponse()
    for sentence in said:
        response.say(_clean(sentence.words), language=ACCENTS[sentence.language])
    return response


def _ending(response: VoiceResponse, said: tuple[Said, ...]) -> str:
    for sentence in said:
        response.say(_clean(sentence.words), language=ACCENTS[sentence.language])
    response.hangup()
    return _written(response)


def _clean(words: str) -> str:
    return FORBIDDEN.sub("", words)


def _written(response: VoiceResponse) -> str:
    return str(response)
