"""Browsers that only listen, as `python -m bench.listeners` in a process of its own.

Standard input says in one line of JSON where to connect, and with which sessions. Once all sockets are open the answer
is "open"; each further line is answered with what was heard since: [session, seconds, conversation, number].
"""

import asyncio
import json
import sys
import time
from typing import Any

from websockets.asyncio.client import connect

AT_ONCE = 20  # handshakes


class Listeners:
    """All sockets of this process, and what they have heard."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told, self.heard = told, list[list[Any]]()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._listening: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        await asyncio.gather(*(self._open(session) for session in self._told["sessions"]))

    async def _open(self, session: str) -> None:
        headers = {"Cookie": f"session={session}"}
        async with self._turn:
            socket = await connect(
                self._told["address"],
                origin=self._told["origin"],
                additional_headers=headers,
                compression=None,
                proxy=None,
                ping_interval=None,
            )
        self._listening.append(asyncio.create_task(self._listen(session, socket)))

    async def _listen(self, session: str, socket: Any) -> None:
        async for frame in socket:
            moment, news = time.monotonic(), json.loads(frame)
            self.heard.append([session, moment, news["conversation"], news["sequence"]])

    @property
    def closed(self) -> list[BaseException | None]:
        """Why sockets have ended that should be open."""
        return [task.exception() for task in self._listening if task.done()]


async def main() -> None:
    listeners, line = Listeners(json.loads(sys.stdin.readline())), asyncio.to_thread
    await listeners.open()
    print("open", flush=True)
    while await line(sys.stdin.readline):
        if listeners.closed:
            sys.exit(f"A socket was closed: {listeners.closed[0]}")
        print(json.dumps(listeners.heard), flush=True)
        listeners.heard.clear()


if __name__ == "__main__":
    asyncio.run(main())
