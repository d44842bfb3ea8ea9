"""Files that texts from the center carry: fetched where the API was told, as Twilio does it."""

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientTimeout

from twin.plans import Step
from twin.postman import USER_AGENT, host_of
from twin.records import Media, Message
from twin.sids import new_sid
from twin.twiml import Answer
from twin.twin import Twin
from twin.world import now

LARGEST_IN_ALL = 5 * 1024 * 1024
FETCH_LIMIT = ClientTimeout(total=10, sock_connect=5)
NO_ANSWER, REFUSED, WRONG_TYPE, TOO_LARGE = 11205, 11200, 12300, 30019
TYPES = ("image/", "audio/", "video/")
MORE_TYPES = frozenset({"text/vcard", "text/x-vcard", "text/calendar", "text/csv", "application/pdf"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file, or the code of why it could not be had."""

    content_type: str
    data: bytes
    status: int | None
    problem: int | None


async def fetch_all(twin: Twin, message: Message) -> Step | None:
    """Fetch what a text is to carry; return how the text ends if something could not be had."""
    room = LARGEST_IN_ALL - sum(len(twin.world.media[sid].data) for sid in message.media)
    for url in message.media_urls[len(message.media) :]:
        fetched = await _fetch_or_misbehave(twin, message, url, room)
        if fetched.problem:
            status = "undelivered" if fetched.problem == TOO_LARGE else "failed"
            return Step(0, status, (status,), fetched.problem)
        add_media(twin, message, fetched.content_type, fetched.data)
        room -= len(fetched.data)
    return None


def add_media(twin: Twin, message: Message, content_type: str, data: bytes) -> Media:
    """Keep one file of a text."""
    media = Media(new_sid("ME"), message.account, message.sid, content_type, data, now())
    message.media.append(media.sid)
    twin.world.keep(media)
    twin.world.keep(message)
    return media


async def _fetch_or_misbehave(twin: Twin, message: Message, url: str, room: int) -> Fetched:
    fault = twin.world.faults.for_fetch(urlsplit(url).path)
    kind = fault.kind if fault else ""
    if fault and kind == "fetch_late":
        await asyncio.sleep(fault.seconds)
    if kind == "fetch_never":
        twin.world.fetches.append(_note(message, url, Fetched("", b"", None, REFUSED), 0) | {"fault": kind})
        return Fetched("", b"", None, REFUSED)
    if kind == "fetch_twice":
        await _fetch(twin, message, url, room, kind)
    return await _fetch(twin, message, url, room, kind)


async def _fetch(twin: Twin, message: Message, url: str, room: int, kind: str) -> Fetched:
    started = time.monotonic()
    headers = {"Host": host_of(url), "User-Agent": USER_AGENT, "Accept": "*/*"}
    try:
        answer, _ = await twin.postman.carry("GET", url, headers, None, FETCH_LIMIT, room)
        fetched = Fetched(answer.content_type, answer.data, answer.status, _problem(answer, room))
    except (ClientError, TimeoutError):
        fetched = Fetched("", b"", None, NO_ANSWER)
    twin.world.fetches.append(_note(message, url, fetched, time.monotonic() - started) | {"fault": kind})
    return fetched


def _problem(answer: Answer, room: int) -> int | None:
    if answer.status != 200:
        return REFUSED
    if not answer.content_type.startswith(TYPES) and answer.content_type not in MORE_TYPES:
        return WRONG_TYPE
    return TOO_LARGE if len(answer.data) > room else None


def _note(message: Message, url: str, fetched: Fetched, seconds: float) -> dict[str, object]:
    """What the ledger keeps of a fetch."""
    return {
        "message": message.sid,
        "url": url,
        "at": now(),
        "seconds": round(seconds, 4),
        "status": fetched.status,
        "content_type": fetched.content_type,
        "bytes": len(fetched.data),
        "problem": fetched.problem,
    }
