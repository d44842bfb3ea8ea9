"""Sounds for recordings, made of nothing: a tone as WAV, silence as MP3."""

import io
import math
import struct
import wave
from functools import lru_cache

RATE = 8000
# MPEG-1 Layer III, 32 kbit/s, 44.1 kHz, mono, without a checksum. A frame of zeros decodes to silence.
MP3_FRAME = bytes([0xFF, 0xFB, 0x10, 0xC4]) + bytes(100)
FRAMES_PER_SECOND = 44_100 / 1152


@lru_cache(maxsize=16)
def tone(seconds: int) -> bytes:
    """Return so many seconds of a 440 Hz tone: mono, 16 bits, 8 kHz, as Twilio records a call."""
    second = struct.pack(f"<{RATE}h", *(round(3000 * math.sin(2 * math.pi * 440 * n / RATE)) for n in range(RATE)))
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(second * seconds)
    return file.getvalue()


def hush(seconds: int) -> bytes:
    """Return so many seconds of silence as MP3."""
    return MP3_FRAME * round(seconds * FRAMES_PER_SECOND)
