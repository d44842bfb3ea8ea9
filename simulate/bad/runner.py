"""Runs cases against the product's own code in this process, one by one, and counts what it sees."""

import asyncio
import re
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction

from encryption.cache import KEYS
from messaging.actions import refusals
from messaging.twilio import forget_doors
from simulate.bad.cases import Case, is_for_socket, make
from simulate.bad.judge import judge
from simulate.bad.request import Answer, Request, send
from simulate.bad.sockets import make_socket, run_socket
from simulate.bad.watch import Watch, where
from simulate.bad.world import make_world

SHUT = ("/sign-in/?next", "/confirm/?why=locked")  # where a door leads that did not open
SIGN_IN_EVERY = 240  # seconds
BATCH = 200  # cases between two commits of nothing: the database tidies up between them
LOOKS_EVERY = 8  # accepted cases, of which one is looked at on a page afterwards
EXAMPLES = 3  # of one failure that are told
LINK = re.compile(rb'"(/conversations/[0-9a-f-]{36}/)')
CONVERSATION = re.compile(r"/conversations/[0-9a-f-]{36}/")


def stay_connected() -> None:
    """A case's transaction is around its request, which would end by closing the connection."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)


class Runner:
    """Runs cases one by one; each is undone, so that any of them can be run alone."""

    def __init__(self, seed: int, number: int) -> None:
        from config.asgi import sockets  # these look at the database
        from config.wsgi import application

        self.seed, self.world, self.watch = seed, make_world(number), Watch()
        stay_connected()
        self._application, self._sockets, self._runner = application, sockets, asyncio.Runner()
        self.asked: Counter[str] = Counter()
        self.opened: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.failures: dict[str, list[int]] = {}
        self.slowest, self.looked = 0.0, 0
        self._signed_in_at = time.monotonic()

    def run(self, numbers: Iterable[int], until: float) -> Iterator[int]:
        """Run these cases; yields how many are done after each batch."""
        done, batch = 0, []
        with self.watch.watching():
            for number in numbers:
                batch.append(number)
                if len(batch) < BATCH:
                    continue
                done += self._run_batch(batch)
                batch = []
                yield done
                if time.monotonic() > until:
                    return
            done += self._run_batch(batch)
            connection.close()
        yield done

    def _run_batch(self, numbers: list[int]) -> int:
        if time.monotonic() - self._signed_in_at > SIGN_IN_EVERY:
            self.world.sign_in_anew()
            stay_connected()  # Django's test client undoes it
            self._signed_in_at = time.monotonic()
        sockets = [number for number in numbers if is_for_socket(self.seed, number)]
        with undone():
            for number in numbers:
                if number not in sockets:
                    with undone():
                        self._one(make(self.seed, number, self.world))
        self._runner.run(self._run_sockets(sockets))
        return len(numbers)

    def _one(self, case: Case) -> None:
        if case.is_cold:
            self._forget()
        self.watch.begin()
        try:
            answer = self._send(case.request)
            wrong = judge(case, answer, self.watch)
            self._count(case, answer)
            if answer.status < 400 and case.request.method == "POST" and case.number % LOOKS_EVERY == 0:
                wrong += self._look_afterwards(case, answer)
        except Exception as error:  # noqa: BLE001  # what comes through to the server is a finding
            wrong = [f"came through to the server: {where(error)}"]
        self._note(case.number, case.door, wrong)

    def _forget(self) -> None:
        """What a process remembers between requests is gone, as it is a minute later."""
        KEYS.clear()
        refusals.forget()
        forget_doors()

    def _look_afterwards(self, case: Case, answer: Answer) -> list[str]:
        """What was just taken in shows: no page may break over it, and none may show it as markup."""
        who = "adina" if case.is_webhook else case.who
        wrong = []
        for path in self._pages_after(case, answer) if who in self.world.browsers else ():
            self.watch.begin()
            self.looked += 1
            look = self._look(who, path)
            page = Case(case.number, case.door, who, look)
            wrong += [f"afterwards, {found}" for found in judge(page, self._send(look), self.watch)]
        return wrong

    def _pages_after(self, case: Case, answer: Answer) -> Iterator[str]:
        """The page that shows it: the newest conversation, where the answer leads, or whence it was posted."""
        place = answer.headers.get("location", "")
        if case.is_webhook:
            inbox = self._send(self._look("adina", "/inbox/list/?view=open"))
            yield from (found.decode() for found in LINK.findall(inbox.body)[:1])
        elif place.startswith("/"):
            yield place
        elif found := CONVERSATION.match(case.request.target):
            yield found.group()

    def _look(self, who: str, path: str) -> Request:
        return Request("GET", path, {"Cookie": self.world.browsers[who].cookies, "HX-Request": "true"})

    def _send(self, request: Request) -> Answer:
        return send(self._application, request, settings.PUBLIC_BASE_URL, self.world.address)

    async def _run_sockets(self, numbers: list[int]) -> None:
        for number in numbers:
            case = make_socket(self.seed, number, self.world)
            self.watch.begin()
            self.asked["socket"] += 1
            self.kinds.update(set(case.kinds))
            try:
                wrong = await run_socket(self._sockets, case, self.watch)
            except Exception as error:  # noqa: BLE001  # the same as for pages
                wrong = [f"came through to the server: {where(error)}"]
            self.opened["socket"] += case.has_opened
            self._note(number, "socket", wrong)

    def _count(self, case: Case, answer: Answer) -> None:
        self.asked[case.door] += 1
        self.statuses[str(answer.status)] += 1
        self.kinds.update(set(case.kinds))
        self.slowest = max(self.slowest, answer.seconds)
        if answer.status < 400 and not answer.headers.get("location", "").startswith(SHUT):
            self.opened[case.door] += 1

    def _note(self, number: int, door: str, wrong: list[str]) -> None:
        for words in dict.fromkeys(wrong):
            examples = self.failures.setdefault(f"{door}: {words}", [])
            if len(examples) < EXAMPLES:
                examples.append(number)

    def told(self) -> dict[str, Any]:
        """All that was seen, for the process that began this one."""
        return {
            "asked": self.asked,
            "opened": self.opened,
            "statuses": self.statuses,
            "kinds": self.kinds,
            "failures": self.failures,
            "slowest": self.slowest,
            "looked": self.looked,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


@contextmanager
def undone() -> Iterator[None]:
    """One transaction, or a savepoint of the one around it, that leaves nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
