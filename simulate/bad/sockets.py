"""Sockets with wild handshakes and wild frames, through the product's own ASGI application in this process."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.conf import settings

from simulate.bad import headers, wild
from simulate.bad.cases import chance_of
from simulate.bad.world import World

PATHS = ("/ws/bell/",) * 6 + ("/ws/", "/ws/other/", "/", "//ws/bell/", "/ws/bell", "/ws/bell/\x00", "/" + "a" * 9000)
PATIENCE = 2.0
CLOSED = "websocket.close"
# A server asks an application to end what it does once a socket is gone; until then it may wait for the next frame.
NEXT_FRAME = 0.05


@dataclass
class SocketCase:
    """One socket: its handshake, and the frames that follow."""

    number: int
    scope: dict[str, Any]
    frames: list[dict[str, Any]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    may_open: bool = True
    has_opened: bool = False


def make_socket(seed: int, number: int, world: World) -> SocketCase:
    """The socket with this number."""
    chance = chance_of(seed, number)
    who = chance.choice((*world.browsers, "stranger"))
    told = {"Host": "quietline.test", "Origin": settings.STAFF_ORIGINS[0]}
    if who != "stranger":
        told["Cookie"] = world.browsers[who].cookies
    case = SocketCase(number, {}, may_open=who != "stranger")
    if chance.random() < 0.5:
        case.kinds += headers.spoil(told, chance)
    path = chance.choice(PATHS)
    case.scope = _scope(path, told, chance)
    frames = [_frame(chance) for _ in range(chance.choice((0, 1, 1, 3, 20)))]
    case.kinds += [kind for kind, _event in frames]
    case.frames = [event for _kind, event in frames]
    return case


def _scope(path: str, told: dict[str, str], chance: Random) -> dict[str, Any]:
    lines = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in told.items()]
    if chance.random() < 0.05:
        lines.append(chance.choice(lines))
    protocols = chance.choice(([], [], ["graphql-ws"], ["x" * 3000]))
    query = wild.any_value(chance)[1][:2000] if chance.random() < 0.2 else b""
    return {
        "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": query, "headers": lines,
        "subprotocols": protocols, "scheme": "wss", "http_version": "1.1", "root_path": "",
        "client": ("198.51.100.9", 1), "server": ("quietline.test", 443), "asgi": {"version": "3.0"},
    }  # fmt: skip


def _frame(chance: Random) -> tuple[str, dict[str, Any]]:
    kind, value = wild.any_value(chance)
    text = value[:20_000].decode("utf-8", "replace")
    events = (
        {"text": text},
        {"text": '{"type": "' + text + '"}'},
        {"bytes": value[:20_000]},
        {"text": None, "bytes": b""},
        {"text": ""},
    )
    return f"frame with {kind}", {"type": "websocket.receive", **chance.choice(events)}


async def run_socket(application: Any, case: SocketCase, watch: Any) -> list[str]:
    """Open it, send its frames, leave. Return what was wrong."""
    to_it: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said: list[dict[str, Any]] = []
    for event in ({"type": "websocket.connect"}, *case.frames, {"type": "websocket.disconnect", "code": 1006}):
        to_it.put_nowait(event)

    async def send(event: dict[str, Any]) -> None:
        said.append(event)

    try:
        await asyncio.wait_for(application(case.scope, to_it.get, send), PATIENCE)
    except TimeoutError:
        return ["a socket took longer than 2 s"]
    return [*_judge(case, said), *(f"traceback in the log: {line}" for line in watch.logged)]


def _judge(case: SocketCase, said: list[dict[str, Any]]) -> list[str]:
    """A stranger's socket is closed, a frame is never answered, and nobody is sent what she did not ask for."""
    kinds = [event["type"] for event in said]
    case.has_opened = "websocket.accept" in kinds
    wrong = []
    if "websocket.send" in kinds:
        wrong.append("a socket answered a frame")
    if not case.may_open and kinds and kinds[-1] != CLOSED:
        wrong.append("a stranger's socket stayed open")
    return wrong
