"""What Twilio holds of a line: what came in while nobody listened, and what is to be erased there."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException

from messaging.twilio.call_posts import RECORDING, RecordingPost
from messaging.twilio.doors import Door
from messaging.twilio.gateway import MESSAGE_SID, UNREADABLE, Busy, client_of
from messaging.twilio.posts import CALL, LONGEST_ADDRESS, CallPost, InboundText

GONE = 404
PAGE = 1000


def texts_received(door: Door, *, since: datetime, until: datetime) -> list[InboundText]:
    """The texts to this line that Twilio took between two times, oldest first. Raises `Busy`."""
    listed = _listed(client_of(door).messages.stream, to=door.number, date_sent_after=since)
    texts = [_text(item) for item in listed if item.direction == "inbound" and MESSAGE_SID.fullmatch(str(item.sid))]
    return _between(texts, since, until)


def calls_received(door: Door, *, since: datetime, until: datetime) -> list[CallPost]:
    """The calls to this line that began between two times, oldest first. Raises `Busy`."""
    listed = _listed(client_of(door).calls.stream, to=door.number, start_time_after=since)
    calls = [_call(item) for item in listed if item.direction == "inbound" and CALL.fullmatch(str(item.sid))]
    return _between(calls, since, until)


def recordings_made(door: Door, *, since: datetime, until: datetime) -> list[RecordingPost]:
    """The recordings of the account that were made between two times, oldest first. Raises `Busy`."""
    listed = _listed(client_of(door).recordings.stream, date_created_after=since)
    made = [item for item in listed if RECORDING.fullmatch(str(item.sid)) and CALL.fullmatch(str(item.call_sid))]
    return [_recording(item) for item in made if since <= (item.date_created or since) < until]


def erase_text(door: Door, sid: str, *, with_files: bool = False) -> bool:
    """Erase a text at Twilio, its files first, and read again that it is gone; False while Twilio is not done with it.

    Raises `Busy` when Twilio cannot be asked now.
    """
    message = client_of(door).messages(sid)
    try:
        if with_files:
            for file in message.media.list():
                file.delete()
        message.delete()
    except TwilioRestException as error:
        if error.status != GONE:
            return _not_now(error)
    except (TwilioException, *UNREADABLE):
        raise Busy from None
    return _is_gone(message)


def erase_recording(door: Door, sid: str) -> bool:
    """Erase a recording at Twilio, and ask for it again; whether it is gone. Raises `Busy`."""
    recording = client_of(door).recordings(sid)
    try:
        recording.delete()
    except TwilioRestException as error:
        if error.status != GONE:
            return _not_now(error)
    except (TwilioException, *UNREADABLE):
        raise Busy from None
    return _is_gone(recording)


def _is_gone(held: Any) -> bool:
    try:
        held.fetch()
    except TwilioRestException as error:
        return error.status == GONE or _not_now(error)
    except (TwilioException, *UNREADABLE):
        raise Busy from None
    return False


def _not_now(error: TwilioRestException) -> bool:
    """False for a text that is still under way (20009); anything else is a trouble of the whole account."""
    if error.status == 409 or error.code == 20009:
        return False
    raise Busy from None


def _listed(stream: Callable[..., Iterable[Any]], **asked: Any) -> list[Any]:
    """Twilio lists newest first; turned round, texts of one second keep her order when they are sorted."""
    try:
        return list(stream(**asked, page_size=PAGE))[::-1]
    except (TwilioException, *UNREADABLE):
        raise Busy from None


def _text(item: Any) -> InboundText:
    return InboundText(
        sid=item.sid,
        sender=_address(item.from_),
        body=item.body or "",
        media_count=int(item.num_media or 0),
        opt_out_type="",
        said_at=item.date_sent or item.date_created or datetime.now(UTC),
        was_missed=True,
    )


def _call(item: Any) -> CallPost:
    said_at = item.start_time or item.date_created or datetime.now(UTC)
    return CallPost(sid=item.sid, caller=_address(item._from), status=str(item.status), said_at=said_at)


def _recording(item: Any) -> RecordingPost:
    length = str(item.duration or "")
    seconds = int(length) if length.isascii() and length.isdigit() else None
    return RecordingPost(item.sid, item.call_sid, is_absent=str(item.status) == "absent", seconds=seconds)


def _address(text: str | None) -> str:
    return (text or "unknown")[:LONGEST_ADDRESS]


def _between(found: list[Any], since: datetime, until: datetime) -> list[Any]:
    """Those of the time asked for: Twilio's filters know days, ours know seconds."""
    return sorted((one for one in found if since <= one.said_at < until), key=lambda one: one.said_at)
