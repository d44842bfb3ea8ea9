"""Everything the twin knows at one moment, and the one place where it is changed and kept."""

import asyncio
import base64
import logging
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from twin.archive import Archive
from twin.config import Account, Config, Number
from twin.faults import FaultBook
from twin.hub import Hub
from twin.people import Person
from twin.records import KINDS, Attempt, Call, Leg, Media, Message, Record, Recording, Webhook

LOG = logging.getLogger("twin")
WEBHOOKS_KEPT = 50_000
REQUESTS_KEPT = 20_000


class World:
    """Accounts, people, texts, calls, blocks, faults; and the ledger of what crossed the wire."""

    def __init__(self, config: Config, archive: Archive | None = None) -> None:
        self.config, self.archive = config, archive or Archive(None)
        self.hub, self.faults = Hub(), FaultBook()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.people: dict[str, Person] = {}
        self.moves: dict[str, asyncio.Queue[str]] = {}  # of calls under way: what is done in them
        self.links: dict[str, tuple[str, float]] = {}  # short-lived media address: media sid, end
        self._start_empty()
        self._load()

    def _start_empty(self) -> None:
        self.messages: dict[str, Message] = {}
        self.media: dict[str, Media] = {}
        self.calls: dict[str, Call] = {}
        self.legs: dict[str, Leg] = {}
        self.recordings: dict[str, Recording] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)
        self.media_fetches: list[dict[str, Any]] = []
        self.fetches: list[dict[str, Any]] = []  # of files that texts from the center carry
        self.opt_outs: set[tuple[str, str]] = set()  # person, pool
        self.threads: dict[str, list[str]] = {}  # person: sids of texts and calls, oldest first

    # What is kept

    def keep(self, record: Record) -> None:
        """Add a record, or keep what changed in it; open pages hear of it."""
        kind = next(kind for kind, row_type in KINDS.items() if type(record) is row_type)
        self._place(record)
        self.archive.put(kind, record.sid, record)
        self.hub.publish(*("call", record.call) if isinstance(record, Leg) else (kind, record.sid))

    def _place(self, record: Record) -> None:
        if isinstance(record, Message):
            self._thread(record, self.messages)
        elif isinstance(record, Call):
            self._thread(record, self.calls)
        elif isinstance(record, Media):
            self.media[record.sid] = record
        elif isinstance(record, Leg):
            self.legs[record.sid] = record
        elif isinstance(record, Recording):
            self.recordings[record.sid] = record
        else:
            self.webhooks[record.sid] = record
            if len(self.webhooks) > WEBHOOKS_KEPT:
                self.webhooks.pop(next(iter(self.webhooks)))

    def _thread(self, record: Any, shelf: dict[str, Any]) -> None:
        if record.sid not in shelf:
            self.threads.setdefault(record.person, []).append(record.sid)
        shelf[record.sid] = record

    def keep_person(self, person: Person) -> None:
        """Add somebody, or keep what changed about her."""
        self.people[person.number] = person
        self.archive.put("person", person.number, person)
        self.hub.publish("people", person.number)

    def block(self, person: str, pool: str) -> bool:
        """Block the pair after a STOP; False if it was blocked before."""
        if (person, pool) in self.opt_outs:
            return False
        self.opt_outs.add((person, pool))
        self.archive.put("opt_out", f"{person} {pool}", [person, pool])
        return True

    def unblock(self, person: str, pool: str) -> bool:
        """Lift the block; False if there was none."""
        if (person, pool) not in self.opt_outs:
            return False
        self.opt_outs.discard((person, pool))
        self.archive.drop("opt_out", f"{person} {pool}")
        return True

    def keep_config(self, config: Config | None = None) -> None:
        """Take a new configuration, or keep what was changed in the present one."""
        if config:
            self.config = config
            self.people = {person.number: person for person in config.people}
            self.archive.drop("person")
        self.archive.put("config", "urls", {n.sid: _urls(n) for n in self.config.numbers()})
        self.hub.publish("people")

    def forget(self) -> None:
        """Empty the ledger: texts, calls, blocks and webhooks. People, accounts and faults stay."""
        self.stop_tasks()
        for kind in (*KINDS, "opt_out"):
            self.archive.drop(kind)
        self._start_empty()
        self.hub.publish("cleared")

    # Questions

    def person(self, number: str) -> Person:
        """Return who has this number; a stranger is somebody too."""
        return self.people.get(number) or Person(number, number)

    def plan(self, person: str, line: Number) -> str:
        """Return the delivery plan for a text to this person."""
        return self.person(person).plan or line.plan or self.config.delivery.default

    def account_of(self, sid: str) -> Account:
        """Return an account that a record belongs to."""
        account = self.config.account(sid)
        if account is None:
            raise LookupError("the account of a record is no longer configured")
        return account

    # Work in the background

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start work that nobody waits for; it ends with the ledger or with the twin."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            LOG.error("work in the background failed", exc_info=error)

    def stop_tasks(self) -> None:
        """End all work in the background, apart from whoever asks."""
        with suppress(RuntimeError):
            current = asyncio.current_task()
            for task in self.tasks - {current}:
                task.cancel()

    def _load(self) -> None:
        for kind, row_type in KINDS.items():
            for row in self.archive.rows(kind):
                self._place(_revive(row_type, row))
        self.opt_outs = {(person, pool) for person, pool in self.archive.rows("opt_out")}
        self.people = {person.number: person for person in self.config.people}
        self.people.update({row["number"]: Person(**row) for row in self.archive.rows("person")})
        for urls in self.archive.rows("config"):
            _fill_in(self.config, urls)


def now() -> float:
    """Return the present moment, as everything here is stamped."""
    return time.time()


def _revive(row_type: Any, row: dict[str, Any]) -> Any:
    if row_type is Media:
        row["data"] = base64.b64decode(row["data"])
    if row_type is Webhook:
        row["attempts"] = [Attempt(**attempt) for attempt in row["attempts"]]
    return row_type(**row)


def _urls(number: Number) -> dict[str, str]:
    return {key: value for key, value in asdict(number).items() if key.endswith("_url")}


def _fill_in(config: Config, urls: dict[str, dict[str, str]]) -> None:
    """Addresses set over REST outlive a restart where the configuration file names none."""
    for number in config.numbers():
        for key, value in urls.get(number.sid, {}).items():
            if not getattr(number, key):
                setattr(number, key, value)
