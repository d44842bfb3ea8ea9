"""The door of the REST API: refusals in Twilio's form, faults on request, and a note of every request."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from twin.errors import ApiError
from twin.faults import Fault
from twin.rest.auth import REALM, Unauthorized, twin_of
from twin.world import now

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PREFIXES = ("/2010-04-01/", "/v2/")
HUGE = 32 * 1024 * 1024  # more than any file may have
HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@web.middleware
async def api_door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer one request to the API, well or badly, and keep that it came."""
    if not request.path.startswith(PREFIXES):
        return await handler(request)
    world = twin_of(request).world
    fault = world.faults.for_request(request.path, request.method)
    note = {"at": now(), "method": request.method, "path": request.path, "fault": fault.kind if fault else ""}
    world.requests.append(note)
    response = await (_misbehave(fault, request, handler) if fault else _serve(request, handler))
    note["status"] = response.status
    return response


async def _serve(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Unauthorized as refusal:
        return refusal.response(REALM)
    except ApiError as refusal:
        return refusal.response()
    except web.HTTPMethodNotAllowed:
        return ApiError(405, 20004, "Method not allowed").response()
    except web.HTTPNotFound:
        return ApiError(404, 20404, f"The requested resource {request.path} was not found").response()


async def _misbehave(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    done: web.StreamResponse | None = None
    if fault.accept or fault.kind in {"drop_after_accept", "broken_body", "slow", "wrong_type"}:
        done = await _serve(request, handler)
    if fault.kind in {"hang", "slow"}:
        await asyncio.sleep(fault.seconds)
    if fault.kind == "slow" and done:
        return done
    if fault.kind == "broken_body" and isinstance(done, web.Response):
        return web.Response(status=done.status, text=(done.text or "")[:40], content_type="application/json")
    if fault.kind == "wrong_type" and done:
        return web.Response(status=done.status, text=HTML, content_type="text/html")
    return _REFUSALS.get(fault.kind, _hang_up)(fault, request)


def _hang_up(fault: Fault, request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response(status=499)


def _busy(fault: Fault, request: web.Request) -> web.StreamResponse:
    headers = {"Twilio-Concurrent-Requests": "1"}
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    return ApiError(429, 20429, "Too many requests").response(headers)


_REFUSALS: dict[str, Callable[[Fault, web.Request], web.StreamResponse]] = {
    "429": _busy,
    "500": lambda fault, request: ApiError(500, 20500, "Internal server error").response(),
    "404": lambda fault, request: ApiError(404, 20404, "The requested resource was not found").response(),
    "gone": lambda fault, request: ApiError(410, 20404, "The requested resource is gone").response(),
    "huge": lambda fault, request: web.Response(body=bytes(HUGE), content_type="application/octet-stream"),
    "401": lambda fault, request: Unauthorized().response(REALM),
    "html502": lambda fault, request: web.Response(status=502, text=HTML, content_type="text/html"),
}
