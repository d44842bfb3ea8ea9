"""Live news for open phone pages: which record changed. What it says is read when it is sent."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

BACKLOG = 500  # a page that falls further behind is hung up on, and loads everything again

News = tuple[str, str] | None  # kind and key of a record; None ends the stream


class Hub:
    """Hands every piece of news to every listener."""

    def __init__(self) -> None:
        self.listeners: set[asyncio.Queue[News]] = set()

    def publish(self, kind: str, key: str = "") -> None:
        """Tell every page what changed."""
        for queue in list(self.listeners):
            if queue.qsize() >= BACKLOG:
                self.hang_up(queue)
            else:
                queue.put_nowait((kind, key))

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[News]]:
        """Yield a queue of news for as long as somebody listens."""
        queue: asyncio.Queue[News] = asyncio.Queue()
        self.listeners.add(queue)
        try:
            yield queue
        finally:
            self.listeners.discard(queue)

    def hang_up(self, queue: asyncio.Queue[News]) -> None:
        """End one listener's stream."""
        self.listeners.discard(queue)
        queue.put_nowait(None)

    def close(self) -> None:
        """End every stream."""
        for queue in list(self.listeners):
            self.hang_up(queue)
