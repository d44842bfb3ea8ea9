"""An open page: shows one conversation, hears the bell, catches up. It follows the rules of the page's own elements
(`live-bell.js`, `conversation-thread.js`), with shorter times."""

import json
import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from uuid import UUID

import requests
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from simulate.desk import READ, Desk

ENTRY = re.compile(r'<li class="entry[^>]*?id="\w+-([0-9a-f-]{36})"\s+data-sequence="(\d+)"[^>]*>')
STATUS = re.compile(r'class="status status--(\w+)"')
LOOK_BACK = 30  # entries, as the thread does
FIRST_RETRY, LONGEST_RETRY = 0.5, 6.0  # seconds, as all below
ASK_EVERY, CATCH_UP_EVERY, GATHER = 5.0, 20.0, 0.3
TOUCH_EVERY = 240.0  # she is there: a desk that nobody touches for ten minutes locks


@dataclass
class Entry:
    """One bubble as it is shown."""

    sequence: int
    status: str


class OpenPage:
    """Somebody looks at a conversation, and goes on looking whatever breaks."""

    def __init__(self, desk: Desk, conversation: UUID) -> None:
        self._desk, self.conversation = desk, conversation
        self.entries: dict[str, Entry] = {}
        self.doubled: list[str] = []
        self.connections = 0
        self._failures, self._asked_at, self._touched_at = 0, 0.0, time.monotonic()
        self._chance, self._over = Random(conversation.int), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join(timeout=10)

    def shown(self) -> dict[str, tuple[int, str]]:
        return {name: (entry.sequence, entry.status) for name, entry in dict(self.entries).items()}

    def _look(self) -> None:
        while not self.entries and not self._over.wait(0.5):
            self._fetch(f"/conversations/{self.conversation}/")
        while not self._over.is_set():
            with suppress(OSError, WebSocketException, TimeoutError), self._connected() as bell:
                self._hear(bell)
            self._failures += 1
            longest = min(FIRST_RETRY * 2 ** (self._failures - 1), LONGEST_RETRY)
            self._over.wait(longest * self._chance.uniform(0.5, 1))
            if time.monotonic() - self._asked_at > ASK_EVERY:
                self._catch_up()

    def _connected(self) -> ClientConnection:
        """Through the proxy in front of sockets, at the page's own address."""
        url = self._desk.stack.url
        line = socket.create_connection(("127.0.0.1", self._desk.stack.network.ports["socket"]), timeout=5)
        headers = {"Cookie": self._desk.cookies}
        address = url.replace("http", "ws", 1) + "/ws/bell/"
        origin = Origin(url)
        return connect(address, sock=line, origin=origin, additional_headers=headers, open_timeout=5, proxy=None)

    def _hear(self, bell: ClientConnection) -> None:
        self.connections += 1
        if self._failures:
            self._catch_up()
        self._failures = 0
        while not self._over.is_set():
            with suppress(TimeoutError):
                news = json.loads(bell.recv(timeout=1))
                if news["conversation"] == str(self.conversation):
                    self._over.wait(GATHER)
                    self._catch_up()
            if time.monotonic() - self._asked_at > CATCH_UP_EVERY:
                self._catch_up()

    def _catch_up(self) -> None:
        """Everything from the oldest of the latest entries on; all of it when she opens it anew."""
        if time.monotonic() - self._touched_at > TOUCH_EVERY:
            self._touched_at = time.monotonic()
            self._fetch(f"/conversations/{self.conversation}/")
            return
        recent = sorted(self.entries.values(), key=lambda entry: entry.sequence)[-LOOK_BACK:]
        after = recent[0].sequence - 1 if recent else 0
        self._fetch(f"/conversations/{self.conversation}/entries/?after={after}")

    def _fetch(self, path: str) -> None:
        self._asked_at = time.monotonic()
        with suppress(requests.RequestException):
            answer = self._desk.get(path, **{"HX-Request": "true"})
            if answer.status_code == READ:
                self._show(answer.text)

    def _show(self, page: str) -> None:
        found = list(ENTRY.finditer(page))
        ids = [entry.group(1) for entry in found]
        self.doubled += [name for name in set(ids) if ids.count(name) > 1]
        ends = [entry.start() for entry in found[1:]] + [len(page)]
        for entry, end in zip(found, ends, strict=False):
            status = STATUS.search(page, entry.end(), end)
            self.entries[entry.group(1)] = Entry(int(entry.group(2)), status.group(1) if status else "")
