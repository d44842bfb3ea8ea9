"""What one signed post of Twilio's does, whether it comes by the door or out of the spool."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import QueryDict

from messaging.actions import call_steps
from messaging.actions.inbound import receive_text
from messaging.actions.status_reports import take_report
from messaging.twilio import BadPost, Door, InboundText, StatusPost, is_signed

# What to answer a call with, as TwiML; None where no call waits for an answer.
Step = Callable[[Door, QueryDict, str, datetime | None], str | None]
OF_THE_LINE = ("message", "voice", "dial", "record")  # posts whose `To` is the line's own number


def why_not(door: Door, address: str, post: QueryDict, signature: str) -> str:
    """Why a post is not Twilio's, as a code for the log; "" when it is.

    address    as Twilio was given it: the configured public address, the raw path and the query
    """
    if not is_signed(door, address, dict(post.lists()), signature):
        return "signature"
    if any(len(values) > 1 for _name, values in post.lists()):
        return "repeated_parameter"
    if post.get("AccountSid") != door.account_sid:
        return "account"
    return ""


def is_for_another_number(door: Door, hook: str, post: QueryDict) -> bool:
    return hook in OF_THE_LINE and post.get("To") != door.number


def about_what(query: QueryDict) -> str:
    """Which text of ours, or which call, an address of ours is about; "" when it does not say."""
    return query.get("message", "") or query.get("call", "")


def hear(door: Door, hook: str, post: QueryDict, about: str, *, said_at: datetime | None = None) -> str | None:
    """Keep what a post says; return what a call is told. Raises `BadPost`, and what a database that is away raises.

    about      which text of ours a status, or which call a leg of it, is about (`about_what`)
    said_at    when it was posted, if it waited in the spool
    """
    return STEPS[hook](door, post, about, said_at)


def _text(door: Door, post: QueryDict, our_id: str, said_at: datetime | None) -> None:
    receive_text(door, replace(InboundText.from_post(post), said_at=said_at))


def _status(door: Door, post: QueryDict, our_id: str, said_at: datetime | None) -> None:
    take_report(door, StatusPost.from_post(post), _uuid(our_id))


def _uuid(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise BadPost("message") from error


STEPS: dict[str, Step] = {
    "message": _text,
    "status": _status,
    "voice": call_steps.begins,
    "dial": call_steps.dialled,
    "whisper": call_steps.whispers,
    "leg_status": call_steps.leg_reported,
    "record": call_steps.message_left,
    "recording": call_steps.recording_reported,
    "call_status": call_steps.ended,
}
