"""The phone page, and what it asks for."""

import asyncio
import json
from contextlib import suppress
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

from aiohttp import web

from twin.calls import ENDINGS
from twin.control import views
from twin.control.reading import read_json, text_of
from twin.errors import ConfigProblem
from twin.formats import E164, national
from twin.hub import News
from twin.people import Person
from twin.plans import LABELS, is_plan
from twin.rest.auth import twin_of
from twin.world import World

STATIC = Path(__file__).parent.parent / "static"
SHOWN_HOOKS = 12
HEARTBEAT = 15.0
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


async def guard_page(request: web.Request, response: web.StreamResponse) -> None:
    """Give everything that a browser may open the page's strict headers."""
    response.headers.update(HEADERS)


async def page(request: web.Request) -> web.FileResponse:
    """Serve the phone."""
    return web.FileResponse(STATIC / "index.html")


async def phone(request: web.Request) -> web.Response:
    """Say who is there, which centers can be reached, and what can be chosen."""
    world = twin_of(request).world
    numbers = [
        {"number": n.number, "name": n.name, "shown": national(n.number), "calls": bool(n.voice_url)}
        for n in world.config.numbers()
    ]
    hooks = list(islice(reversed(world.webhooks.values()), SHOWN_HOOKS))
    return web.json_response(
        {
            "numbers": numbers,
            "people": views.people(world),
            "plans": LABELS,
            "default_plan": world.config.delivery.default,
            "endings": {name: ending.label for name, ending in ENDINGS.items()},
            "calls": views.calls(world),
            "wire": views.wire(reversed(hooks)),
        }
    )


async def thread(request: web.Request) -> web.Response:
    """Show what was said between one person and one center."""
    person, line = request.query.get("person", ""), request.query.get("line", "")
    return web.json_response({"entries": views.thread(twin_of(request).world, person, line)})


async def post_person(request: web.Request) -> web.Response:
    """Add somebody, or change her name, her line or her delivery plan."""
    world, data = twin_of(request).world, await read_json(request)
    number = text_of(data, "number")
    if not E164.fullmatch(number):
        raise ConfigProblem("Write the number like +16145550101.")
    if data.get("plan") and not is_plan(str(data["plan"])):
        raise ConfigProblem("There is no such delivery plan.")
    person = world.person(number)
    for field in fields(Person):
        if isinstance(data.get(field.name), str):
            setattr(person, field.name, data[field.name])
    world.keep_person(person)
    return web.json_response({"ok": True})


async def picture(request: web.Request) -> web.Response:
    """Show a picture on the phone that took or got it. Anything but a picture is only a download."""
    media = twin_of(request).world.media.get(request.match_info["media"])
    if media is None:
        raise web.HTTPNotFound
    if media.content_type in PICTURES:
        return web.Response(body=media.data, content_type=media.content_type)
    headers = {"Content-Disposition": "attachment"}
    return web.Response(body=media.data, content_type="application/octet-stream", headers=headers)


async def events(request: web.Request) -> web.StreamResponse:
    """Stream what changes, for as long as the page is open."""
    world = twin_of(request).world
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    with world.hub.listening() as queue, suppress(ConnectionResetError):  # the page was closed
        await response.prepare(request)
        await response.write(b"retry: 1000\n\n")
        while news := await _next(queue):
            await response.write(_event(world, *news))
    return response


async def _next(queue: asyncio.Queue[News]) -> News:
    """Return the next news; after a while without any, a sign of life; None at the end."""
    try:
        return await asyncio.wait_for(queue.get(), HEARTBEAT)
    except TimeoutError:
        return ("quiet", "")


def _event(world: World, kind: str, key: str) -> bytes:
    data: Any = {}
    if kind in {"message", "call"}:
        data = views.entry(world, key)
    elif kind == "webhook" and (hook := world.webhooks.get(key)):
        data = views.wire([hook])[0]
    elif kind == "people":
        data = views.people(world)
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()
