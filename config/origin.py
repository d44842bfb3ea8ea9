from typing import Any

from django.conf import settings


class SameOriginOnly:
    """Refuses a socket whose Origin is not exactly one of ours.

    Channels' own validators accept other ports of the host and raise on malformed origins; a
    comparison of whole strings has neither fault.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if len(origins) == 1 and origins[0].decode("latin-1") in settings.STAFF_ORIGINS:
            await self._inner(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4403})


async def no_such_socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The last route of all: without one, Channels raises on a path that nobody has."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})
