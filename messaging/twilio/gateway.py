"""Sending and listing. What an answer means for a text follows Twilio's documents on errors."""

import json
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from messaging.models import Line
from messaging.twilio.http import QuietHttpClient

MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
OPTED_OUT = 21610
TOO_MANY = 429

logging.getLogger("twilio.http_client").setLevel(logging.CRITICAL)


class GatewayError(Exception):
    """Something about a call to Twilio. Never holds a word or a number."""


class Refused(GatewayError):
    """Twilio said no; no message exists. `code` is Twilio's."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


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
    error_code: int | None


def send_text(line: Line, *, to: str, body: str, status_callback: str) -> Sent:
    """Hand one text over. Raises `Refused`, `Busy` or `Ambiguous`; after `Ambiguous` it may exist."""
    sender = (
        {"messaging_service_sid": line.messaging_service_sid} if line.messaging_service_sid else {"from_": line.number}
    )
    try:
        message = _client(line).messages.create(to=to, body=body, status_callback=status_callback, **sender)
    except TwilioRestException as error:
        raise _meaning_of(error) from None
    except requests.ConnectionError as error:
        raise (Busy() if _never_connected(error) else Ambiguous()) from None
    except (
        requests.RequestException,
        json.JSONDecodeError,
        TwilioException,
        KeyError,
        TypeError,
        ValueError,
    ):
        raise Ambiguous from None
    if not isinstance(message.sid, str) or not MESSAGE_SID.fullmatch(message.sid):
        raise Ambiguous
    return Sent(message.sid, str(message.status))


def texts_sent_to(line: Line, *, to: str, since: datetime) -> list[Listed]:
    """What Twilio lists as sent to a number since a time. Raises `Busy` when it cannot be had now."""
    try:
        listed = _client(line).messages.list(to=to, date_sent_after=since, limit=200, page_size=200)
    except (
        requests.RequestException,
        TwilioException,
        json.JSONDecodeError,
        KeyError,
        TypeError,
        ValueError,
    ):
        raise Busy from None
    ours = [message for message in listed if str(message.direction).startswith("outbound")]
    return [Listed(str(m.sid), str(m.status), m.body or "", m.error_code) for m in ours]


def _client(line: Line) -> Client:
    credentials = line.credentials
    return Client(
        credentials["account_sid"],
        credentials["auth_token"],
        http_client=QuietHttpClient(settings.TWILIO_API_BASE_URL),
        region="",
        edge="",
    )


def _meaning_of(error: TwilioRestException) -> GatewayError:
    """4xx: no message exists. 429: come back later. Anything else: perhaps it does."""
    if error.status == TOO_MANY:
        return Busy()
    if 400 <= error.status < 500:
        return Refused(int(error.code or error.status))
    return Ambiguous()


def _never_connected(error: Any) -> bool:
    """Whether no byte can have left: the connection was refused or timed out while it was made."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason).__name__ in ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError")
