"""Sockets, and in one process with them the pages of the trial, through the WSGI handler.

See docs/decisions/http-through-wsgi.md.
"""

from typing import Any, cast

from a2wsgi import WSGIMiddleware
from channels.routing import URLRouter
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.urls import re_path

from config.wsgi import application as pages  # sets Django up, so it stands before what needs models

# isort: split
from config.origin import SameOriginOnly, no_such_socket
from messaging.consumers import websocket_urlpatterns

THREADS = 10

_routes: list[Any] = [*websocket_urlpatterns, re_path("", cast(Any, no_such_socket))]
sockets = SameOriginOnly(CookieMiddleware(SessionMiddleware(URLRouter(_routes))))
_pages: Any = WSGIMiddleware(cast(Any, pages), workers=THREADS)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send each connection to its half: sockets to Channels, pages to the WSGI handler."""
    if scope["type"] == "websocket":
        await sockets(scope, receive, send)
    elif scope["type"] == "http":
        await _pages(scope, receive, send)
    else:
        await _lifespan(receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
