"""Calls and recordings: list, fetch, download, delete."""

import io
import math
import struct
import wave
from http import HTTPStatus

from aiohttp import web

from twin.errors import not_found
from twin.records import Call, Recording
from twin.rest.auth import asked_account, twin_of
from twin.rest.paging import page
from twin.rest.render import call_body, recording_body
from twin.world import now

RATE = 8000


async def listing(request: web.Request) -> web.Response:
    """List calls, newest first."""
    account, query = asked_account(request), request.query
    found = [
        call
        for call in reversed(twin_of(request).world.calls.values())
        if call.account == account.sid
        and query.get("From", call.person) == call.person
        and query.get("To", call.line) == call.line
        and query.get("Status", call.status) == call.status
    ]
    numbers = {number.number: number for number in account.numbers}
    return page(request, "calls", found, lambda call: call.sid, lambda call: call_body(call, numbers.get(call.line)))


async def fetch(request: web.Request) -> web.Response:
    """Show one call."""
    account = asked_account(request)
    call: Call | None = twin_of(request).world.calls.get(request.match_info["call"])
    if call is None or call.account != account.sid:
        raise not_found(request.path)
    return web.json_response(call_body(call, account.number(call.line)))


async def recording(request: web.Request) -> web.Response:
    """Describe one recording."""
    return web.json_response(recording_body(_asked(request)))


async def sound(request: web.Request) -> web.Response:
    """Give out the sound of a recording: a soft tone."""
    _asked(request)
    return web.Response(body=tone(), content_type="audio/x-wav")


async def delete_recording(request: web.Request) -> web.Response:
    """Erase one recording at Twilio."""
    found = _asked(request)
    found.deleted = now()
    twin_of(request).world.keep(found)
    return web.Response(status=HTTPStatus.NO_CONTENT)


def tone() -> bytes:
    """Return one second of a 440 Hz tone as WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        samples = (round(3000 * math.sin(2 * math.pi * 440 * n / RATE)) for n in range(RATE))
        wav.writeframes(struct.pack(f"<{RATE}h", *samples))
    return file.getvalue()


def _asked(request: web.Request) -> Recording:
    account = asked_account(request)
    found = twin_of(request).world.recordings.get(request.match_info["recording"])
    if found is None or found.account != account.sid or found.deleted:
        raise not_found(request.path)
    return found
