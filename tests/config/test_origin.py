"""A socket opens for our own pages alone. The table is what Channels' validators get wrong."""

from typing import Any

import pytest

from config.origin import SameOriginOnly

OURS = b"https://quietline.test"


@pytest.fixture
def application(db: None) -> Any:
    from config.asgi import application  # it looks at the database

    return application


async def _opens(*origins: bytes) -> bool:
    opened: list[bool] = []
    sent: list[dict[str, Any]] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        opened.append(True)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    scope = {"type": "websocket", "headers": [(b"origin", origin) for origin in origins]}
    await SameOriginOnly(inner)(scope, receive, send)
    return bool(opened)


async def test_our_own_origin_opens() -> None:
    assert await _opens(OURS)


@pytest.mark.parametrize(
    "origins",
    [
        (), (b"",), (b"null",), (b"http://quietline.test",), (b"https://quietline.test:444",),
        (b"https://quietline.test:99999",), (b"https://[",), (b"https://quietline.test.evil.example",),
        (b"https://evil.example",), (b"https://quietline.test/",), (b"\xff\xfe",), (OURS, OURS), (OURS, b"x"),
    ],
)  # fmt: skip
async def test_any_other_origin_stays_shut(origins: tuple[bytes, ...]) -> None:
    assert not await _opens(*origins)


@pytest.mark.parametrize("path", ["/ws/other/", "/", "", "/ws/bell", "/ws/bell/\x00", "/" + "a" * 9000])
async def test_a_socket_at_a_path_that_nobody_has_is_closed(path: str, application: Any) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    scope = {"type": "websocket", "path": path, "headers": [(b"origin", OURS)]}
    await application(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 4404}]


@pytest.mark.parametrize(("origin", "code"), [(b"https://evil.example", 4403), (b"null", 4403), (OURS, 4401)])
async def test_the_bell_is_shut_to_another_sites_page_before_anybody_looks_who_asks(
    origin: bytes, code: int, application: Any
) -> None:
    """Our own page without a session is asked to sign in: the same door, one step further."""
    sent: list[dict[str, Any]] = []
    heard = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": code}])

    async def receive() -> dict[str, Any]:
        return next(heard)

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    scope = {"type": "websocket", "path": "/ws/bell/", "headers": [(b"origin", origin)], "query_string": b""}
    await application(scope, receive, send)
    assert (sent[-1]["type"], sent[-1]["code"]) == ("websocket.close", code)
    assert ({"type": "websocket.accept"} in [{"type": event["type"]} for event in sent]) is (origin == OURS)
