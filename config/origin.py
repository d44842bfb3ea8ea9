from typing import Any
from urllib.parse import urlsplit

from django.conf import settings


def own_origin() -> str:
    """scheme://host[:port] of the public address, as a browser writes it in the Origin header."""
    public = urlsplit(settings.PUBLIC_BASE_URL)
    return f"{public.scheme}://{public.netloc}"


class SameOriginOnly:
    """Refuses a socket whose Origin is not exactly ours.

    Channels' own validators accept other ports of the host and raise on malformed origins; a
    comparison of whole strings has neither fault.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if origins == [own_origin().encode()]:
            await self._inner(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4403})
