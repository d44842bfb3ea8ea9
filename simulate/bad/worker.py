"""One process of the simulation: makes its world, runs its share of the numbers, and says what it saw as JSON lines."""

import asyncio
import json
import os
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

ORIGIN = "https://quietline.test"
BATCH = 200  # cases between two commits of nothing: the database tidies up between them
LOOKS_EVERY = 8  # accepted cases, of which one is looked at on a page afterwards
EXAMPLES = 3  # of one failure that are told
FOLLOWED = re.compile(rb'"(/conversations/[0-9a-f-]{36}/)')


def prepare() -> None:
    """Django on the environment's database, at an address of https as in production."""
    os.environ.update(PUBLIC_BASE_URL=ORIGIN, STAFF_BASE_URL=ORIGIN, EXTRA_STAFF_ORIGINS="", SPOOL_PATH="")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def stay_connected() -> None:
    """A case's transaction is around its request, which would end by closing the connection."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)


class Worker:
    """Runs cases one by one; each is undone, so that any of them can be run alone."""

    def __init__(self, seed: int, number: int) -> None:
        from config.asgi import _sockets
        from config.wsgi import application
        from simulate.bad.watch import Watch
        from simulate.bad.world import make_world

        self.seed, self.world, self.watch = seed, make_world(number), Watch()
        stay_connected()
        self._application, self._sockets, self._runner = application, _sockets, asyncio.Runner()
        self.asked: Counter[str] = Counter()
        self.opened: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.failures: dict[str, list[int]] = {}
        self.slowest = 0.0

    def run(self, numbers: Iterable[int], until: float) -> Iterator[int]:
        """Run these cases; yields how many are done after each batch."""
        from django.db import transaction

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
            transaction.get_connection().close()
        yield done

    def _run_batch(self, numbers: list[int]) -> int:
        from simulate.bad.cases import is_for_socket, make

        sockets = [number for number in numbers if is_for_socket(self.seed, number)]
        with undone():
            for number in numbers:
                if number not in sockets:
                    with undone():
                        self._one(make(self.seed, number, self.world))
        self._runner.run(self._run_sockets(sockets))
        return len(numbers)

    def _one(self, case: Any) -> None:
        from simulate.bad.judge import judge
        from simulate.bad.watch import where

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
        from encryption.cache import KEYS
        from messaging.actions import refusals
        from messaging.twilio import forget_doors

        KEYS.clear()
        refusals.forget()
        forget_doors()

    def _look_afterwards(self, case: Any, answer: Any) -> list[str]:
        """What was just taken in shows: no page may break over it, and none may show it as markup."""
        from simulate.bad.cases import Case
        from simulate.bad.judge import judge
        from simulate.bad.request import Request

        wrong = []
        browser = self.world.browsers["adina" if case.is_webhook else case.who] if case.who != "stranger" else None
        for path in self._pages_after(case, answer, browser) if browser else ():
            self.watch.begin()
            look = Request("GET", path, {"Cookie": browser.cookies, "HX-Request": "true"})
            page = Case(case.number, case.door, case.who, look)
            wrong += [f"afterwards, {found}" for found in judge(page, self._send(look), self.watch)]
        return wrong

    def _pages_after(self, case: Any, answer: Any, browser: Any) -> Iterator[str]:
        from simulate.bad.request import Request

        if case.is_webhook:
            inbox = self._send(Request("GET", "/inbox/list/?view=open", {"Cookie": browser.cookies}))
            yield from (found.decode() for found in FOLLOWED.findall(inbox.body)[:1])
        elif (place := answer.headers.get("location", "")).startswith("/"):
            yield place
        elif found := FOLLOWED.match(b'"' + case.request.target.encode()):
            yield found.group(1).decode()

    def _send(self, request: Any) -> Any:
        from simulate.bad.request import send

        return send(self._application, request, ORIGIN, self.world.address)

    async def _run_sockets(self, numbers: list[int]) -> None:
        from simulate.bad.sockets import make_socket, run_socket
        from simulate.bad.watch import where

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

    def _count(self, case: Any, answer: Any) -> None:
        self.asked[case.door] += 1
        self.statuses[str(answer.status)] += 1
        self.kinds.update(set(case.kinds))
        self.slowest = max(self.slowest, answer.seconds)
        if answer.status < 400 and not answer.headers.get("location", "").startswith("/sign-in/?next"):
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
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


@contextmanager
def undone() -> Iterator[None]:
    """One transaction, or a savepoint of the one around it, that leaves nothing."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def main() -> None:
    """python -m simulate.bad.worker SEED FIRST END STEP SECONDS"""
    seed, first, end, step = map(int, sys.argv[1:5])
    until = time.monotonic() + float(sys.argv[5])
    prepare()
    worker = Worker(seed, first if step > 1 else 0)
    for done in worker.run(range(first, end, step), until):
        print(json.dumps({"done": done}), flush=True)
    print(json.dumps(worker.told()), flush=True)


if __name__ == "__main__":
    main()
