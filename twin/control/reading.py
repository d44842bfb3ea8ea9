"""Reading what a test or the page asks of the twin."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from twin.config import Account, Number
from twin.errors import ConfigProblem
from twin.twin import Twin

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def control_door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say in one sentence what is wrong with a request to the twin itself."""
    if not request.path.startswith("/twin/"):
        return await handler(request)
    try:
        return await handler(request)
    except ConfigProblem as problem:
        return web.json_response({"error": str(problem)}, status=400)


async def read_json(request: web.Request) -> dict[str, Any]:
    """Return the JSON object of a request. Other content types are refused: no strange page can send JSON."""
    if request.content_type != "application/json":
        raise ConfigProblem("Send application/json.")
    try:
        data = await request.json()
    except json.JSONDecodeError:
        raise ConfigProblem("This is not JSON.") from None
    if not isinstance(data, dict):
        raise ConfigProblem("Send a JSON object.")
    return data


def text_of(data: dict[str, Any], key: str, default: str | None = None) -> str:
    """Return a text of a JSON object."""
    value = data.get(key, default)
    if not isinstance(value, str):
        raise ConfigProblem(f"{key} must be a text.")
    return value


def count_of(data: dict[str, Any], key: str, most: int) -> int:
    """Return a count of a JSON object, at least 1."""
    value = data.get(key, 1)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise ConfigProblem(f"{key} must be a number from 1 to {most}.")
    return value


def bytes_of(text: str) -> bytes:
    """Return the bytes that a base64 text stands for."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigProblem("This is not base64.") from None


def line_of(twin: Twin, number: str) -> tuple[Account, Number]:
    """Return the account and number behind a phone number of a center."""
    found = twin.world.config.line(number)
    if found is None:
        raise ConfigProblem("No center here has this number.")
    return found
