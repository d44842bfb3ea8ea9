"""Calls to the center: it rings, its TwiML is followed, phones of the center ring, messages are left."""

from twin.calls import dialing, recording, whisper
from twin.calls.course import begin, resume
from twin.calls.endings import ENDINGS, LIVE
from twin.calls.talk import HANG_UP

# What can be done in a call under way, as the page's buttons name it.
MOVES = frozenset({HANG_UP, recording.SPEAK, recording.KEY, whisper.HANGS_UP} | whisper.KEYS | dialing.MOVES) - {""}

__all__ = ["ENDINGS", "LIVE", "MOVES", "begin", "resume"]
