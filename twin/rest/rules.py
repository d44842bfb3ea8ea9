"""What Twilio checks before it takes a text, in its order and with its codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from multidict import MultiMapping

from twin.config import Account, Number
from twin.errors import bad_request
from twin.formats import E164
from twin.records import Message
from twin.world import World, now

LONGEST_BODY = 1600
MOST_MEDIA = 10
SOONEST, LATEST = 300, 35 * 86_400  # seconds ahead that a text may be scheduled
HOST = re.compile(r"\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+")

# Numbers of Twilio's test credentials; they mean the same under every account here.
MAGIC_TO: Mapping[str, tuple[int, str]] = {
    "+15005550001": (21211, "Invalid 'To' Phone Number"),
    "+15005550002": (21612, "The 'To' phone number cannot be reached from this 'From' number"),
    "+15005550003": (21408, "Permission to send an SMS has not been enabled for this region"),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
MAGIC_FROM: Mapping[str, tuple[int, str]] = {
    "+15005550001": (21212, "Invalid 'From' Phone Number"),
    "+15005550007": (21606, "The 'From' phone number is not a valid, SMS-capable number for your account"),
    "+15005550008": (21611, "This 'From' number has exceeded the maximum number of queued messages"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """A text that the API has agreed to send."""

    to: str
    line: Number
    body: str
    media_urls: list[str]
    service: str | None
    status_url: str
    send_at: float | None
    keeps_body: bool


def read_order(world: World, account: Account, form: MultiMapping[str]) -> Order:
    """Return what a POST to Messages.json asks for, or refuse it as Twilio would."""
    to = _recipient(form)
    line, service = _sender(account, form)
    body, media = _content(form)
    if to == line.number:
        raise bad_request(21266, "'To' and 'From' number cannot be the same")
    status_url = _callback(form)
    send_at = _send_at(form, service)
    _period(form)
    if (to, line.pool) in world.opt_outs:
        raise bad_request(21610, "Attempt to send to unsubscribed recipient")
    keeps = form.get("ContentRetention") != "discard"
    return Order(to, line, body, media, service, status_url or line.status_url, send_at, keeps)


def _recipient(form: MultiMapping[str]) -> str:
    to = form.get("To", "").strip()
    if not to:
        raise bad_request(21604, "A 'To' phone number is required.")
    if to in MAGIC_TO:
        raise bad_request(*MAGIC_TO[to])
    if not E164.fullmatch(to):
        raise bad_request(21211, "The 'To' number is not a valid phone number.")
    return to


def _sender(account: Account, form: MultiMapping[str]) -> tuple[Number, str | None]:
    service, sender = form.get("MessagingServiceSid"), form.get("From", "").strip()
    if service:
        return _from_pool(account, service, sender), service
    if not sender:
        raise bad_request(21603, "A 'From' phone number is required.")
    if own := account.number(sender):
        return own, None
    if sender in MAGIC_FROM:
        raise bad_request(*MAGIC_FROM[sender])
    if sender.startswith("+") and not E164.fullmatch(sender):
        raise bad_request(21212, "The 'From' number is not a valid phone number.")
    raise bad_request(21606, "The 'From' phone number is not a valid, SMS-capable number for your account.")


def _from_pool(account: Account, service: str, sender: str) -> Number:
    pool = account.pool(service)
    if not pool:
        raise bad_request(21703, "The Messaging Service contains no phone numbers.")
    return next((number for number in pool if number.number == sender), pool[0])


def _content(form: MultiMapping[str]) -> tuple[str, list[str]]:
    body, media = form.get("Body", ""), form.getall("MediaUrl", [])
    if not body and not media:
        raise bad_request(21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise bad_request(21617, "The concatenated message body exceeds the 1600 character limit.")
    if len(media) > MOST_MEDIA:
        raise bad_request(21623, "Number of media files exceeds allowed limit.")
    if not all(is_web_address(url) for url in media):
        raise bad_request(21620, "Invalid media URL(s)")
    return body, media


def _callback(form: MultiMapping[str]) -> str:
    url = form.get("StatusCallback", "")
    if url and not is_web_address(url):
        raise bad_request(21609, "The 'StatusCallback' URL is not a valid URL.")
    return url


def is_web_address(url: str) -> bool:
    """Whether Twilio would call it: absolute, http or https, a host without underscores."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and HOST.fullmatch(host) is not None


def _send_at(form: MultiMapping[str], service: str | None) -> float | None:
    if not form.get("ScheduleType"):
        return None
    if not service:
        raise bad_request(35118, "MessagingServiceSid is required to schedule a message.")
    try:
        moment = datetime.fromisoformat(form.get("SendAt", "")).astimezone(UTC).timestamp()
    except ValueError:
        raise bad_request(35111, "SendAt is missing or is no time.") from None
    if not SOONEST < moment - now() <= LATEST:
        raise bad_request(35114, "SendAt must be between 300 seconds and 35 days ahead.")
    return moment


def _period(form: MultiMapping[str]) -> None:
    text = form.get("ValidityPeriod", "36000")
    if not text.isdecimal() or not 1 <= int(text) <= 36_000:
        raise bad_request(20001, "ValidityPeriod must be between 1 and 36000.")


def deletable(message: Message, has_more_steps: bool) -> bool:
    """Whether a text is done with: ended, or sent and nothing more is planned for it."""
    if message.status == "sent":
        return not has_more_steps
    return message.status in {"delivered", "undelivered", "failed", "canceled", "received", "read"}
