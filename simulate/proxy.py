"""Stands between two programs and breaks what passes: started by `simulate.network`, told what to do line by line.

python -m simulate.proxy NAME=PORT …    listens for each name and prints {"NAME": port}; carries to 127.0.0.1:PORT.
A line of JSON on its standard input is a rule (`Rule`); each is answered with a line when it is in force.
"""

import asyncio
import json
import socket
import sys
from collections import deque
from dataclasses import dataclass
from functools import partial

from simulate.places import ALL, PLACES, Reach

HERE = "127.0.0.1"
PIECE, PIECE_EVERY = 48, 0.004  # bytes and seconds of a trickle
BETWEEN_TRIES = 0.05  # seconds


@dataclass
class Rule:
    """What goes wrong on one route: for so many new connections, or for so many seconds on all of them.

    kind    delay, trickle, stall (held, then let go), blackhole (swallowed, then reset), reset, refuse, half_open
            (the far side is gone and the near one not told), cut (reset at `place`), duplicate (sent once more)
    place   how far a `cut` lets a request or its answer come: one of `PLACES`
    """

    route: str
    kind: str
    seconds: float = 0
    times: int = 0
    delay: float = 0
    place: str = ""
    until: float = 0

    def holds(self, now: float) -> bool:
        return self.times > 0 if self.until == 0 else now < self.until


class End(asyncio.Protocol):
    """One side of a link. What it receives is written to the other side, when and if the rules let it."""

    transport: asyncio.Transport | None = None
    other: "End"

    def __init__(self, link: "Link", reach: Reach | None) -> None:
        self._link, self._reach, self._seen = link, reach, bytearray()
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self._link.is_over:
            reset(transport)
        elif self is self._link.near:
            transport.pause_reading()  # nothing is read before the far side is there
            self._link.route.loop.create_task(self._link.route.connect(self._link))

    def data_received(self, data: bytes) -> None:
        if self._link.records and self is self._link.near:
            self._link.recorded += data
        if self._reach is not None:
            data = self._within_reach(data)
        self._link.route.pass_on(self, data)

    def _within_reach(self, data: bytes) -> bytes:
        assert self._reach is not None
        before = len(self._seen)
        self._seen += data
        reach = self._reach(bytes(self._seen))
        if len(self._seen) < reach or reach == ALL:
            return data
        self._link.route.loop.call_soon(self._link.reset)
        return data[: max(reach - before, 0)]

    def send_other(self, data: bytes, at: float) -> None:
        """Hand bytes over at a time, and never before those that came earlier."""
        now = self._link.route.loop.time()
        at = max(at, self._free_at)
        if at <= now and not self._waiting:
            self.other.write(data)
            return
        self._free_at = at
        self._waiting.append((at, data))
        self._arrange()

    def _arrange(self) -> None:
        if self._timer is None and self._waiting:
            self._timer = self._link.route.loop.call_at(self._waiting[0][0], self._let_go)

    def _let_go(self) -> None:
        self._timer = None
        now = self._link.route.loop.time()
        while self._waiting and self._waiting[0][0] <= now:
            self.other.write(self._waiting.popleft()[1])
        self._arrange()

    def write(self, data: bytes) -> None:
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)

    def pause_writing(self) -> None:
        if self.other.transport:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other.transport:
            self.other.transport.resume_reading()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.lost(self)


class Link:
    """One connection through the proxy."""

    def __init__(self, route: "Route", rule: Rule | None) -> None:
        self.route, self.rule = route, rule
        request, answer = PLACES[rule.place] if rule and rule.kind == "cut" else (None, None)
        self.near, self.far = End(self, request), End(self, answer)
        self.near.other, self.far.other = self.far, self.near
        self.records = rule is not None and rule.kind == "duplicate"
        self.recorded = bytearray()
        self.is_over = self.is_half_open = self.is_swallowed = False

    def reset(self) -> None:
        self.is_over = True
        self.route.links.discard(self)
        for end in (self.near, self.far):
            if end.transport:
                reset(end.transport)

    def lost(self, end: End) -> None:
        if self.is_over or (self.is_half_open and end is self.far):
            return
        self.is_over = True
        self.route.links.discard(self)
        if self.records and end is self.near:
            self.route.loop.create_task(self.route.say_again(bytes(self.recorded)))
        if end.other.transport:
            delay = 0.0 if not end._waiting else end._free_at - self.route.loop.time()
            self.route.loop.call_later(delay, end.other.transport.close)


class Route:
    """One listening port, what stands behind it, and the rules in force."""

    def __init__(self, name: str, target: int) -> None:
        self.name, self.target, self.loop = name, target, asyncio.get_running_loop()
        self.links: set[Link] = set()
        self.rules: list[Rule] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        self._server = await self.loop.create_server(self._accept, HERE, self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    def _accept(self) -> asyncio.Protocol:
        link = Link(self, self._rule_of_next())
        self.links.add(link)
        if self._is_in_force("reset"):
            link.is_over = True
        return link.near

    def _rule_of_next(self) -> Rule | None:
        rule = next((rule for rule in self.rules if rule.times > 0), None)
        if rule is not None:
            rule.times -= 1
            self.rules = [rule for rule in self.rules if rule.until or rule.times]
        return rule

    async def connect(self, link: Link) -> None:
        """Make the far side of a new link."""
        try:
            await self.loop.create_connection(lambda: link.far, HERE, self.target)
        except OSError:
            link.reset()
            return
        if link.near.transport and not link.is_over:
            link.near.transport.resume_reading()

    def pass_on(self, end: End, data: bytes) -> None:
        link, now = end._link, self.loop.time()
        rules = [rule for rule in self.rules if rule.until and rule.holds(now)]
        if link.rule is not None:
            rules.append(link.rule)
        kinds = {rule.kind: rule for rule in rules}
        if "blackhole" in kinds or link.is_swallowed:
            link.is_swallowed = True
        elif stall := kinds.get("stall"):
            end.send_other(data, stall.until or now + stall.delay)
        elif delay := kinds.get("delay"):
            end.send_other(data, now + delay.delay)
        elif "trickle" in kinds:
            for number, start in enumerate(range(0, len(data), PIECE)):
                end.send_other(data[start : start + PIECE], now + number * PIECE_EVERY)
        elif data:
            end.send_other(data, now)

    async def break_by(self, rule: Rule) -> None:
        """Put a rule in force, and see that it ends."""
        rule.until = self.loop.time() + rule.seconds if rule.seconds else 0
        self.rules = [known for known in self.rules if known.holds(self.loop.time())] + [rule]
        if rule.kind in ("reset", "refuse"):
            self._reset_all()
        if rule.kind == "half_open":
            self._leave_half_open()
        if rule.kind == "refuse" and self._server:
            self._server.close()
        if rule.seconds:
            self.loop.call_later(rule.seconds, partial(self.loop.create_task, self._end(rule)))

    async def _end(self, rule: Rule) -> None:
        if rule.kind == "refuse":
            await self._listen_again()
        if rule.kind in ("blackhole", "half_open"):
            for link in [link for link in self.links if link.is_swallowed or link.is_half_open]:
                link.reset()

    async def _listen_again(self) -> None:
        """Unless another rule still refuses. The port may have been lent to a connection meanwhile."""
        while not self._is_in_force("refuse") and not (self._server and self._server.is_serving()):
            try:
                await self.listen()
            except OSError:
                await asyncio.sleep(BETWEEN_TRIES)

    def _reset_all(self) -> None:
        for link in list(self.links):
            link.reset()

    def _leave_half_open(self) -> None:
        for link in self.links:
            link.is_half_open = link.is_swallowed = True
            if link.far.transport:
                link.far.transport.abort()

    def _is_in_force(self, kind: str) -> bool:
        return any(rule.kind == kind and rule.until and rule.holds(self.loop.time()) for rule in self.rules)

    async def say_again(self, said: bytes) -> None:
        """The same bytes on a connection of their own; nobody hears the answer."""
        try:
            reader, writer = await asyncio.open_connection(HERE, self.target)
            writer.write(said)
            await asyncio.wait_for(reader.read(1), 20)
            writer.close()
        except (OSError, TimeoutError):
            return


def reset(transport: asyncio.Transport) -> None:
    """End a connection with RST: what was on its way is lost."""
    raw = transport.get_extra_info("socket")
    if raw is not None and raw.fileno() != -1:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    transport.abort()


async def serve(targets: dict[str, int]) -> None:
    routes = {name: Route(name, port) for name, port in targets.items()}
    for route in routes.values():
        await route.listen()
    print(json.dumps({name: route.port for name, route in routes.items()}), flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        rule = Rule(**json.loads(line))
        await routes[rule.route].break_by(rule)
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(serve({name: int(port) for name, _, port in (pair.partition("=") for pair in sys.argv[1:])}))
