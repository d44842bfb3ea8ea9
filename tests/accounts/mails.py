"""Mail servers of the tests, spoken to over a real socket: one that keeps what it gets, and some that do not."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from twin.archive import Archive
from twin.hub import Hub
from twin.mailbox import Mailbox


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mailbox in a thread of its own, and its port."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    box, ports = Mailbox(Archive(None), Hub()), []

    async def open_box() -> None:
        ports.append(await box.open("127.0.0.1", 0))
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(open_box())
        loop.run_forever()
        box.close()
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    yield box, ports[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


@contextmanager
def server_that_says(*replies: str) -> Iterator[int]:
    """A mail server that greets, gives these replies one after the other, and hangs up; to everybody who comes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as lines:
                _give(lines, replies)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def _give(lines: Any, replies: tuple[str, ...]) -> None:
    for reply in ("220 hello", *replies):
        try:
            lines.write(reply.encode() + b"\r\n")
            lines.flush()
            if not lines.readline():
                return
        except OSError:
            return


def refused_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
