"""Sending and listing. What an answer means for a text follows Twilio's documents on errors."""

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from messaging.twilio.doors import Door
from messaging.twilio.http import QuietHttpClient

MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
OPTED_OUT = 21610
TOO_MANY = 429
ACCOUNT = {20003, 20005}  # wrong credentials, account not active
UNAUTHORIZED = 401
LATER = {20429, 21611}  # Twilio has taken nothing, and will again in a while

# A call that ended otherwise than with an answer, and an answer that is none.
UNREADABLE = (
    requests.RequestException,
    json.JSONDecodeError,
    TwilioException,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)

logging.getLogger("twilio.http_client").setLevel(logging.CRITICAL)


class GatewayError(Exception):
    """Something about a call to Twilio. Never holds a word or a number."""


class Refused(GatewayError):
    """Twilio said no; no message exists. `code` is Twilio's."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class AccountRefused(Refused):
    """Twilio does not take our credentials, or has suspended the account: no text of this line will be taken."""


class Busy(GatewayError):
    """Nothing was taken: the connection was refused, or Twilio asks to come back later."""


class Ambiguous(GatewayError):
    """The message may exist: the answer was lost or is not one. Never send it again unseen."""


@dataclass(frozen=True)
class Sent:
    """What Twilio answered to an accepted text."""

    sid: str
    status: str


@dataclass(frozen=True)
class Listed:
    """One text as Twilio lists it."""

    sid: str
    status: str
    body: str
    media_count: int
    error_code: int | None


def send_text(door: Door, *, to: str, body: str, status_callback: str, pictures: Sequence[str] = ()) -> Sent:
    """Hand one text over. Raises `Refused`, `AccountRefused`, `Busy` or `Ambiguous`; after `Ambiguous` it may exist.

    pictures    addresses that Twilio fetches without a password, ten at most; with them `body` may be empty
    """
    sender = (
        {"messaging_service_sid": door.messaging_service_sid} if door.messaging_service_sid else {"from_": door.number}
    )
    content: dict[str, Any] = {"body": body} if body else {}
    if pictures:
        content["media_url"] = list(pictures)
    try:
        message = client_of(door).messages.create(to=to, status_callback=status_callback, **content, **sender)
    except TwilioRestException as error:
        raise _meaning_of(error) from None
    except requests.ConnectionError as error:
        raise (Busy() if _never_connected(error) else Ambiguous()) from None
    except UNREADABLE:
        raise Ambiguous from None
    if not isinstance(message.sid, str) or not MESSAGE_SID.fullmatch(message.sid):
        raise Ambiguous
    return Sent(message.sid, str(message.status))


def texts_sent_to(door: Door, *, to: str, since: datetime) -> list[Listed]:
    """What Twilio lists as sent by this line to a number since a time, oldest first.

    Raises `Busy` when the list cannot be had now.
    """
    sender = {} if door.messaging_service_sid else {"from_": door.number}
    try:
        listed = client_of(door).messages.list(to=to, date_sent_after=since, limit=200, page_size=200, **sender)
    except (TwilioException, *UNREADABLE):
        raise Busy from None
    ours = [message for message in listed if str(message.direction).startswith("outbound")]
    return [
        Listed(str(m.sid), str(m.status), m.body or "", int(m.num_media or 0), m.error_code) for m in reversed(ours)
    ]


def client_of(door: Door) -> Client:
    return Client(
        door.account_sid,
        door.auth_token,
        http_client=QuietHttpClient(settings.TWILIO_API_BASE_URL),
        region="",
        edge="",
    )


def _meaning_of(error: TwilioRestException) -> GatewayError:
    """4xx: no message exists. 429: come back later. Anything else: perhaps it does."""
    if error.status == TOO_MANY or error.code in LATER:
        return Busy()
    if error.status == UNAUTHORIZED or error.code in ACCOUNT:
        return AccountRefused(error.code if isinstance(error.code, int) else error.status)
    if 400 <= error.status < 500:
        return Refused(error.code if isinstance(error.code, int) else error.status)
    return Ambiguous()


def _never_connected(error: Any) -> bool:
    """Whether no byte can have left: the connection was refused or timed out while it was made."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason).__name__ in ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError")
