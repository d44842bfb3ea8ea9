"""Recordings: list, describe, download, delete."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from twin.errors import not_found
from twin.records import Recording
from twin.rest.auth import asked_account, twin_of
from twin.rest.messages import day_of, moment_of
from twin.rest.paging import page
from twin.rest.render import call_recording_body, recording_body
from twin.sounds import hush, tone
from twin.world import now


async def listing(request: web.Request) -> web.Response:
    """List recordings, newest first; of one call, if the path names one."""
    body = _body(request)
    account = asked_account(request)
    held = reversed(twin_of(request).world.recordings.values())
    found = [item for item in held if item.account == account.sid and _is_listed(item) and _matches(item, request)]
    return page(request, "recordings", found, lambda item: item.sid, body)


async def fetch(request: web.Request) -> web.Response:
    """Describe one recording."""
    return web.json_response(_body(request)(_asked(request)))


async def sound(request: web.Request) -> web.Response:
    """Give out a recording as WAV: a soft tone, as long as the recording."""
    return web.Response(body=tone(_ready(request).seconds), content_type="audio/x-wav")


async def sound_as_mp3(request: web.Request) -> web.Response:
    """Give out a recording as MP3: silence, as long as the recording."""
    return web.Response(body=hush(_ready(request).seconds), content_type="audio/mpeg")


async def delete(request: web.Request) -> web.Response:
    """Erase one recording at Twilio."""
    found = _asked(request)
    found.deleted = now()
    twin_of(request).world.keep(found)
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _body(request: web.Request) -> Callable[[Recording], dict[str, Any]]:
    return call_recording_body if "call" in request.match_info else recording_body


def _is_listed(recording: Recording) -> bool:
    return recording.status == "completed" and not recording.deleted


def _matches(recording: Recording, request: web.Request) -> bool:
    query, created = request.query, recording.created
    call = request.match_info.get("call") or query.get("CallSid", recording.call)
    if call != recording.call:
        return False
    if "DateCreated" in query and day_of(created) != query["DateCreated"][:10]:
        return False
    if "DateCreated>" in query and created < moment_of(query["DateCreated>"]):
        return False
    return "DateCreated<" not in query or created <= moment_of(query["DateCreated<"], end_of_day=True)


def _asked(request: web.Request) -> Recording:
    account = asked_account(request)
    found = twin_of(request).world.recordings.get(request.match_info["recording"])
    if found is None or found.account != account.sid or not _is_listed(found):
        raise not_found(request.path)
    if request.match_info.get("call", found.call) != found.call:
        raise not_found(request.path)
    return found


def _ready(request: web.Request) -> Recording:
    found = _asked(request)
    if now() < found.ready:
        raise not_found(request.path)
    return found
