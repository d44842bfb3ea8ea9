"""What one signed post of Twilio's does, whether it comes by the door or out of the spool."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import QueryDict

from messaging.actions.calls import note_missed_call
from messaging.actions.inbound import receive_text
from messaging.actions.status_reports import take_report
from messaging.twilio import BadPost, CallPost, Door, InboundText, StatusPost, is_signed

Step = Callable[[Door, QueryDict, str, datetime | None], None]


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
    return hook in ("message", "voice") and post.get("To") != door.number


def hear(door: Door, hook: str, post: QueryDict, our_id: str, *, said_at: datetime | None = None) -> None:
    """Keep what a post says. Raises `BadPost`, and what the database raises when it is away.

    our_id     the `message` of the address's query: which text of ours a status is about
    said_at    when it was posted, if it waited in the spool
    """
    STEPS[hook](door, post, our_id, said_at)


def _text(door: Door, post: QueryDict, our_id: str, said_at: datetime | None) -> None:
    receive_text(door, replace(InboundText.from_post(post), said_at=said_at))


def _status(door: Door, post: QueryDict, our_id: str, said_at: datetime | None) -> None:
    take_report(door, StatusPost.from_post(post), _uuid(our_id))


def _call(door: Door, post: QueryDict, our_id: str, said_at: datetime | None) -> None:
    note_missed_call(door, replace(CallPost.from_post(post), said_at=said_at))


def _uuid(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise BadPost("message") from error


STEPS: dict[str, Step] = {"message": _text, "status": _status, "voice": _call, "call_status": _call}
