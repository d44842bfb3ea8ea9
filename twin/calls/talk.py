"""One call under way: what is done in it, what its server is asked, what the page shows of it."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from twin.calls.endings import ENDINGS, LIVE, Ending
from twin.config import Account, Number
from twin.postman import Errand, Outcome
from twin.records import Call
from twin.twiml import Verb
from twin.twin import Twin
from twin.world import now

MOST_DOCUMENTS = 20
HANG_UP = "hang_up"
WANT_TWIML = frozenset({"voice", "dial", "whisper", "record"})
SAYING = frozenset({"Say", "Play"})
PER_LETTER, BRIEFEST, LONGEST = 0.055, 1.5, 15.0  # seconds of speech, where somebody listens


class CallOver(Exception):
    """The caller is no longer on the line, or there is nothing more to do."""


class HungUp(CallOver):
    """She has hung up."""


@dataclass(slots=True)
class Talk:
    """A call, whom it belongs to, and the buttons that are pressed meanwhile."""

    twin: Twin
    account: Account
    line: Number
    call: Call
    url: str
    moves: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    beside: list[asyncio.Task[Any]] = field(default_factory=list)
    documents: int = 0

    @property
    def ending(self) -> Ending:
        return ENDINGS[self.call.ending]

    @property
    def is_live(self) -> bool:
        return self.call.ending == LIVE

    # What is asked of the center's server, and told to it

    async def fetch(self, about: str, url: str, told: dict[str, str]) -> list[Verb]:
        """Ask the center's server what to do next. raises CallOver when it does not say."""
        self.documents += 1
        if self.documents > MOST_DOCUMENTS:
            raise CallOver
        self.url = urljoin(self.url, url)
        fallback = self.line.voice_fallback_url if about == "voice" else ""
        outcome = await self.deliver(about, self.url, told, fallback)
        if outcome.webhook.outcome != "answered":
            self.tell("The center's server gave no instructions")
            raise CallOver
        return outcome.verbs

    async def deliver(self, about: str, url: str, told: dict[str, str], fallback: str = "") -> Outcome:
        errand = Errand(about, self.account, url, told, self.call.sid, fallback, about in WANT_TWIML)
        return await self.twin.postbox.deliver(errand)

    def report(self, about: str, url: str, told: dict[str, str]) -> None:
        """Tell something that nobody waits for; the call's end is told after it."""
        self.beside.append(self.twin.world.spawn(self.deliver(about, url, told)))

    # What the page shows

    def tell(self, words: str) -> None:
        """Write down what happened."""
        self.call.told.append(words)
        self.twin.world.keep(self.call)

    def enter(self, stage: str, hears: str = "") -> None:
        """Begin a stage: greeting, ringing, whisper, talking, beep, recording."""
        self.call.stage, self.call.since, self.call.hears = stage, now(), hears
        self.twin.world.keep(self.call)

    def pick_up(self) -> None:
        """From here on the call counts as answered, be it by a recording."""
        if self.call.answered is None:
            self.call.answered, self.call.status = now(), "in-progress"
            self.twin.world.keep(self.call)

    # What is done meanwhile

    async def last(self, stage: str, seconds: float, wanted: frozenset[str] = frozenset(), planned: str = "") -> str:
        """Let something take its time; return what was done in it, if that is wanted.

        stage    its name, by which an ending says when she hangs up
        seconds  how long it takes where buttons decide; else every stage takes `call_seconds`
        planned  what happens by the ending
        raises   HungUp
        """
        if self.is_live:
            return await self._move(seconds, wanted)
        await self._move(self.twin.world.config.delivery.call_seconds, frozenset())
        if stage in self.ending.leaves:
            raise HungUp
        return planned if planned in wanted else ""

    async def _move(self, seconds: float, wanted: frozenset[str]) -> str:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                move = await asyncio.wait_for(self.moves.get(), left)
            except TimeoutError:
                break
            if move == HANG_UP:
                raise HungUp
            if move in wanted:
                return move
        return ""


def words_of(verb: Verb) -> str:
    """Return what is heard of a verb and of what is said inside it."""
    heard = [verb, *verb.children] if verb.name != "Gather" else verb.children
    return " ".join(item.text for item in heard if item.name in SAYING and item.text)


def length_of(words: str) -> float:
    """Return how many seconds it takes to say something."""
    return min(max(len(words) * PER_LETTER, BRIEFEST), LONGEST)


def number_of(verb: Verb, name: str, usual: float) -> float:
    """Return a number among a verb's attributes."""
    text = verb.attributes.get(name, "")
    return float(text) if text.isdecimal() else usual
