"""What Twilio posts, read with exact patterns. Unknown parameters are let be: they come without notice."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from django.http import QueryDict

MESSAGE = re.compile(r"(SM|MM)[0-9a-f]{32}")
CALL = re.compile(r"CA[0-9a-f]{32}")
TEXTABLE = re.compile(r"\+[1-9][0-9]{6,14}")
# What stands in for a withheld number: on a telephone's keys they spell ANONYMOUS, RESTRICTED and so on.
WITHHELD = {"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"}
LONGEST_ADDRESS = 100
LONGEST_BODY = 16_000  # Twilio says 1,600; a longer one is odd and still not lost
MOST_MEDIA = 10
STATUS = re.compile(r"[a-z_-]{1,20}")
OVER = ("completed", "busy", "no-answer", "failed", "canceled")  # how a call can have ended


class BadPost(Exception):
    """Signed, but not of the shape that Twilio documents. Says which parameter, never its value."""


def _required(post: QueryDict, name: str, pattern: re.Pattern[str]) -> str:
    value = post.get(name, "")
    if not pattern.fullmatch(value):
        raise BadPost(name)
    return value


def _address(post: QueryDict, name: str) -> str:
    """Where something came from or goes to: a number, a short code or a name."""
    value = post.get(name, "").strip()
    if not value or len(value) > LONGEST_ADDRESS or not value.isprintable():
        raise BadPost(name)
    return value


def _reaches_somebody(address: str) -> bool:
    return bool(TEXTABLE.fullmatch(address)) and address not in WITHHELD


def _count(post: QueryDict, name: str, most: int) -> int:
    value = post.get(name, "") or "0"
    if not (value.isascii() and value.isdigit() and len(value) < 4 and int(value) <= most):
        raise BadPost(name)
    return int(value)


@dataclass(frozen=True)
class InboundText:
    """One text from a client."""

    sid: str
    sender: str = field(repr=False)
    body: str = field(repr=False)
    media_count: int
    opt_out_type: str
    said_at: datetime | None = None  # when she wrote it, if it waited in the spool or at Twilio
    was_missed: bool = False  # found in Twilio's list: no webhook had told us

    @classmethod
    def from_post(cls, post: QueryDict) -> Self:
        """Raises `BadPost`."""
        body = post.get("Body", "")
        if len(body) > LONGEST_BODY:
            raise BadPost("Body")
        return cls(
            sid=_required(post, "MessageSid", MESSAGE),
            sender=_address(post, "From"),
            body=body,
            media_count=_count(post, "NumMedia", MOST_MEDIA),
            opt_out_type=post.get("OptOutType", "")[:10],
        )

    @property
    def is_textable(self) -> bool:
        """Whether this sender can be texted back: not a short code, a name or another channel."""
        return _reaches_somebody(self.sender)


@dataclass(frozen=True)
class StatusPost:
    """One status callback of a text of ours."""

    sid: str
    status: str
    error_code: int | None

    @classmethod
    def from_post(cls, post: QueryDict) -> Self:
        """Raises `BadPost`."""
        code = post.get("ErrorCode", "")
        if code and not (code.isascii() and code.isdigit() and len(code) <= 6):
            raise BadPost("ErrorCode")
        return cls(
            sid=_required(post, "MessageSid", MESSAGE),
            status=_required(post, "MessageStatus", STATUS),
            error_code=int(code) if code and int(code) else None,
        )


@dataclass(frozen=True)
class CallPost:
    """One step of a call."""

    sid: str
    caller: str = field(repr=False)
    status: str
    said_at: datetime | None = None  # when she called, if that waited in the spool or at Twilio

    @classmethod
    def from_post(cls, post: QueryDict) -> Self:
        """Raises `BadPost`."""
        return cls(
            sid=_required(post, "CallSid", CALL),
            caller=_address(post, "From"),
            status=_required(post, "CallStatus", STATUS),
        )

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def is_known_caller(self) -> bool:
        """Whether there is a number to call back."""
        return _reaches_somebody(self.caller)
