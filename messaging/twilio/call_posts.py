"""What Twilio posts in the course of a call, beside its beginning and its end (`posts.CallPost`)."""

import re
from dataclasses import dataclass, field
from typing import Self

from django.http import QueryDict

from messaging.twilio.posts import CALL, OVER, STATUS, BadPost, CallPost

RECORDING = re.compile(r"RE[0-9a-f]{32}")
LONGEST_SECONDS = 9  # digits
KEYS = re.compile(r"[0-9*#A-Da-dw]{0,32}|hangup")
BRIDGED = re.compile(r"true|false|")
TALKED = ("completed", "answered")


def _one_of(post: QueryDict, name: str, pattern: re.Pattern[str]) -> str:
    value = post.get(name, "")
    if not pattern.fullmatch(value):
        raise BadPost(name)
    return value


def _seconds(post: QueryDict, name: str) -> int | None:
    value = post.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= LONGEST_SECONDS):
        raise BadPost(name)
    return int(value)


def parent_sid(text: str) -> str:
    """The client's call, out of an address of ours. Raises `BadPost`."""
    if not CALL.fullmatch(text):
        raise BadPost("call")
    return text


@dataclass(frozen=True)
class DialPost:
    """How ringing the center's phone ended. `call` is the client's."""

    call: CallPost
    bridged: bool | None  # whether two people talked; None: it does not say
    seconds: int | None

    @classmethod
    def from_post(cls, post: QueryDict) -> Self:
        """Raises `BadPost`. Completed is not enough: a refused call and somebody's voicemail are completed too."""
        status = _one_of(post, "DialCallStatus", STATUS)
        said = _one_of(post, "DialBridged", BRIDGED)
        bridged = False if status not in TALKED else {"true": True, "false": False}.get(said)
        return cls(CallPost.from_post(post), bridged, _seconds(post, "DialCallDuration"))


@dataclass(frozen=True)
class LegPost:
    """How the center's own phone stands, and which key was pressed on it."""

    sid: str
    status: str
    key: str = field(repr=False)

    @classmethod
    def from_post(cls, post: QueryDict) -> Self:
        """Raises `BadPost`."""
        return cls(
            sid=_one_of(post, "CallSid", CALL),
            status=_one_of(post, "CallStatus", STATUS),
            key=_one_of(post, "Digits", KEYS),
        )

    @property
    def was_never_answered(self) -> bool:
        return self.status in OVER and self.status != "completed"


@dataclass(frozen=True)
class RecordingPost:
    """A recording of a call: that it was made, is ready, or holds nothing."""

    sid: str
    call_sid: str
    is_absent: bool
    seconds: int | None

    @classmethod
    def from_post(cls, post: QueryDict) -> Self:
        """Raises `BadPost`. The address that comes with it is never used."""
        return cls(
            sid=_one_of(post, "RecordingSid", RECORDING),
            call_sid=_one_of(post, "CallSid", CALL),
            is_absent=post.get("RecordingStatus", "") == "absent",
            seconds=_seconds(post, "RecordingDuration"),
        )
