"""Twilio's pages: a size, a place to go on from, and links to the neighbours."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from aiohttp import web

from twin.errors import bad_request

Item = TypeVar("Item")
USUAL, MOST = 50, 1000
AFTER, BEFORE = "PA", "PB"  # what a page token begins with; the rest is the neighbour's sid


def page(
    request: web.Request, key: str, items: Sequence[Item], sid: Callable[[Item], str], body: Callable[[Item], Any]
) -> web.Response:
    """Return the asked page of `items`, newest first, as Twilio wraps it."""
    size, number = _int(request, "PageSize", USUAL), _int(request, "Page", 0)
    size = min(max(size, 1), MOST)
    start = _start(request.query.get("PageToken", ""), [sid(item) for item in items], number, size)
    shown = items[start : start + size]
    after = _link(request, size, number + 1, AFTER + sid(shown[-1])) if start + size < len(items) else None
    before = _link(request, size, number - 1, BEFORE + sid(shown[0])) if start > 0 and shown else None
    return web.json_response(
        {
            "first_page_uri": _link(request, size, 0),
            "end": number * size + max(len(shown) - 1, 0),
            "previous_page_uri": before,
            key: [body(item) for item in shown],
            "uri": request.raw_path,
            "page_size": size,
            "start": number * size,
            "next_page_uri": after,
            "page": number,
        }
    )


def _start(token: str, sids: list[str], number: int, size: int) -> int:
    if not token:
        return number * size
    if token[2:] not in sids:
        raise bad_request(20001, "Invalid PageToken")
    place = sids.index(token[2:])
    return place + 1 if token.startswith(AFTER) else max(place - size, 0)


def _link(request: web.Request, size: int, number: int, token: str = "") -> str:
    kept = [(k, v) for k, v in request.query.items() if k not in {"PageSize", "Page", "PageToken"}]
    kept += [("PageSize", str(size)), ("Page", str(number))]
    if token:
        kept.append(("PageToken", token))
    return f"{quote(request.path)}?{urlencode(kept)}"


def _int(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else usual
