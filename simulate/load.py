"""The load: clients text, send pictures and call, some say STOP and START; a desk replies; pages stay open."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from simulate.breakable import BreakableStack
from simulate.browser import OpenPage
from simulate.desk import Desk, Written
from simulate.pace import Pace
from simulate.people import (
    CALLS_EVERY,
    CANARY,
    CLIENTS,
    ENDINGS,
    LINE,
    PICTURES_EVERY,
    PLANS,
    PNG,
    STOPPERS,
    sign_of,
    words_of,
)
from simulate.plan import Plan

WRITERS, DESKS, PAGES = 24, 8, 4
ROUND = 56.0  # seconds from one STOP of somebody to her next; half of it she has stopped
# A reply leaves five seconds after it was written: these are about to leave when her STOP comes.
BEFORE_HER_STOP = (5.9, 5.4, 5.0, 4.6)


@dataclass
class Load:
    """All that goes on at once. `pages` and `written` are what browsers know at the end."""

    stack: BreakableStack
    plan: Plan
    written: Written = field(default_factory=Written)

    def prepare(self) -> None:
        """Before anything breaks: people with their ways, a desk that knows the stoppers, open pages."""
        for number, plan in PLANS.items():
            self.stack.twin("POST", "/twin/people", {"number": number, "name": number, "plan": plan})
        for stopper in STOPPERS:
            self._say(stopper, sign_of(stopper))
        for client in CLIENTS[:PAGES]:
            self._say(client, words_of(0, Random(client)))
        self.desk = Desk(self.stack)
        found = self.desk.find([sign_of(stopper) for stopper in STOPPERS])
        self._conversations = {stopper: found[sign_of(stopper)] for stopper in STOPPERS}
        self.pages = [OpenPage(self.desk, conversation) for conversation in self._shown(found)]
        self.pace = Pace(self.plan)

    def _shown(self, found: dict[str, UUID]) -> list[UUID]:
        """The pages of two stoppers and of two others."""
        stoppers = list(found.values())
        others = [conversation for conversation in self.desk.conversations() if conversation not in stoppers]
        return stoppers[:2] + others[: PAGES - 2]

    def run(self) -> None:
        """Returns when everything has been written, and answered or given up."""
        plan, stoppers = self.plan, len(STOPPERS)
        with (
            ThreadPoolExecutor(WRITERS) as writers,
            ThreadPoolExecutor(DESKS) as desks,
            ThreadPoolExecutor(stoppers) as stopping,
            ThreadPoolExecutor(stoppers * len(BEFORE_HER_STOP)) as self._racing,
        ):
            doing = [writers.submit(self._write, number) for number in range(plan.texts)]
            doing += [desks.submit(self._reply, number) for number in range(plan.replies)]
            doing += [stopping.submit(self._stop_and_start, number) for number in range(stoppers)]
            try:
                for one in doing:
                    one.result()
            except BaseException:
                self.pace.end()
                raise

    def _write(self, number: int) -> None:
        """A text at its time. Whether it was heard is the oracle's question, not ours."""
        self.pace.wait_for(self.plan.seconds * number / self.plan.texts)
        chance = Random(f"{self.plan.seed}:text:{number}")
        client = chance.choice(CLIENTS)
        if number % CALLS_EVERY == 1:
            call = {"from": client, "to": LINE, "ending": chance.choice(ENDINGS), "wait": False}
            self.stack.twin("POST", "/twin/call", call)
        picture = [{"content_type": "image/png", "data": PNG}] if number % PICTURES_EVERY == 2 else []
        self._say(client, words_of(number, chance), media=picture)
        self.pace.count("texts")

    def _say(self, client: str, body: str, **more: Any) -> None:
        self.stack.twin("POST", "/twin/send", {"from": client, "to": LINE, "body": body, **more})

    def _reply(self, number: int) -> None:
        self.pace.wait_for(2 + self.plan.seconds * number / self.plan.replies)
        chance = Random(f"{self.plan.seed}:reply:{number}")
        self.desk.reply(f"{CANARY} reply {number} of {self.plan.seed}", chance, self.written)
        self.pace.count("replies")

    def _stop_and_start(self, number: int) -> None:
        """STOP while replies to her are about to leave, and START half a round later; the last word varies."""
        stopper, turn = STOPPERS[number], 0
        chance = Random(f"{self.plan.seed}:stop:{number}")
        at = chance.uniform(8, 16)
        while at < self.plan.seconds - 4:
            replying = [self._racing.submit(self._race, stopper, at, lead, turn) for lead in BEFORE_HER_STOP]
            self.pace.wait_for(at)
            self._say(stopper, chance.choice(["STOP", "Stop", "unsubscribe", "alto"]))
            for one in replying:
                one.result()
            self.pace.wait_for(at + ROUND / 2)
            if at + ROUND / 2 < self.plan.seconds or number % 2:
                self._say(stopper, chance.choice(["START", "unstop"]))
            at, turn = at + ROUND, turn + 1

    def _race(self, stopper: str, at: float, lead: float, turn: int) -> None:
        """A reply to her, written so long before her STOP."""
        self.pace.wait_for(at - lead)
        body = f"{CANARY} reply to {stopper[-3:]} {turn} {lead} of {self.plan.seed}"
        self.desk.reply(body, Random(body), self.written, self._conversations[stopper])
