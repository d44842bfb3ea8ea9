"""Files of texts, and recordings of calls, at Twilio.

Addresses are built from ids; what a webhook posts as an address is never asked. Twilio sends the asker on to a
short-lived address elsewhere. Only Twilio itself sees the account's secret.
"""

import re
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.response import Response

from messaging.twilio.doors import Door
from messaging.twilio.gateway import UNREADABLE, Busy, GatewayError, client_of
from messaging.twilio.http import LOOPBACK, WAITS, session_to

MEDIA_SID = re.compile(r"ME[0-9a-f]{32}")
API = "https://api.twilio.com"
MOST_BYTES = 5 * 1024 * 1024
MOST_SOUND = 20 * 1024 * 1024
PIECE = 64 * 1024
GONE = (403, 404, 410)
SENT_ON = (301, 302, 303, 307, 308)


class Gone(GatewayError):
    """Twilio no longer has it."""


class TooLarge(GatewayError):
    """More bytes than this kind of file may have."""


def files_of(door: Door, message_sid: str) -> list[str]:
    """The ids of a text's files, in an order that stays the same. Raises `Busy`, `Gone`."""
    try:
        listed = client_of(door).messages(message_sid).media.list(page_size=50)
    except TwilioException as error:
        raise (Gone() if _status(error) in GONE else Busy()) from None
    except UNREADABLE:
        raise Busy from None
    ordered = sorted(listed, key=lambda item: (str(item.date_created), str(item.sid)))
    return [str(item.sid) for item in ordered if MEDIA_SID.fullmatch(str(item.sid))]


def fetch_file(door: Door, message_sid: str, media_sid: str) -> bytes:
    """The bytes of one file. Raises `Busy`, `Gone`, `TooLarge`."""
    return _fetched(door, f"Messages/{message_sid}/Media/{media_sid}", MOST_BYTES)


def fetch_recording(door: Door, recording_sid: str) -> bytes:
    """The sound of one recording, as WAV. Raises `Busy`, `Gone`, `TooLarge`."""
    return _fetched(door, f"Recordings/{recording_sid}.wav", MOST_SOUND)


def _fetched(door: Door, path: str, most: int) -> bytes:
    base = settings.TWILIO_API_BASE_URL.rstrip("/") or API
    address = f"{base}/2010-04-01/Accounts/{door.account_sid}/{path}"
    with session_to(urlsplit(base).hostname) as session:
        try:
            with _asked(session, address, auth=(door.account_sid, door.auth_token)) as first:
                if first.status_code not in SENT_ON:
                    return _content(first, most)
                onward = _allowed(urljoin(address, first.headers.get("Location", "")))
            with _asked(session, onward) as second:
                return _content(second, most)
        except requests.RequestException:
            raise Busy from None


def _status(error: TwilioException) -> int | None:
    """Of a list that could not be had, the library keeps the answer among the error's arguments."""
    if isinstance(error, TwilioRestException):
        return int(error.status)
    answer = error.args[1] if len(error.args) > 1 else None
    return int(answer.status_code) if isinstance(answer, Response) else None


def _asked(session: requests.Session, address: str, auth: tuple[str, str] | None = None) -> requests.Response:
    return session.get(address, auth=auth or _no_auth, timeout=WAITS, allow_redirects=False, stream=True)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Not even what a .netrc file would add."""
    return request


def _allowed(address: str) -> str:
    """An address that Twilio may send us on to; anything else is as if it had not answered."""
    asked = urlsplit(address)
    is_twilios = asked.scheme == "https" and asked.port in (None, 443) and asked.hostname in settings.TWILIO_MEDIA_HOSTS
    base = urlsplit(settings.TWILIO_API_BASE_URL)
    is_the_trials = (
        settings.TRIAL and asked.hostname in LOOPBACK and base.hostname in LOOPBACK and asked.port == base.port
    )
    if asked.username or asked.password or not (is_twilios or is_the_trials):
        raise Busy
    return address


def _content(answer: requests.Response, most: int) -> bytes:
    if answer.status_code in GONE:
        raise Gone
    if answer.status_code != 200:
        raise Busy
    content = bytearray()
    for piece in answer.iter_content(PIECE):
        content += piece
        if len(content) > most:
            raise TooLarge
    return bytes(content)
