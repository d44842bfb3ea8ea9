"""What the center's phone hears before it is connected: press 1, or be let go."""

from urllib.parse import urljoin

from twin import params
from twin.calls.talk import Talk, length_of, number_of, words_of
from twin.records import Leg
from twin.twiml import Verb
from twin.world import now

KEYS = frozenset(f"staff_press_{key}" for key in "0123456789*#")
HANGS_UP = "staff_hang_up"
MOST_DOCUMENTS = 10


class LetGo(Exception):
    """The phone is put down: they are not connected."""


async def whispers(talk: Talk, leg: Leg, url: str, *, is_machine: bool) -> bool:
    """Follow the document of a Number; return whether the two are to be connected. raises HungUp."""
    whisper = Whisper(talk, leg, urljoin(talk.url, url), is_machine)
    try:
        await whisper.follow(await whisper.fetch(url, ""))
    except LetGo:
        return False
    return True


class Whisper:
    """One phone that has been picked up and is not connected yet."""

    def __init__(self, talk: Talk, leg: Leg, url: str, is_machine: bool) -> None:
        self.talk, self.leg, self.url, self.is_machine = talk, leg, url, is_machine
        self.documents = 0

    async def fetch(self, url: str, digits: str) -> list[Verb]:
        """Ask for a document. One that cannot be had connects nobody."""
        self.documents += 1
        if self.documents > MOST_DOCUMENTS:
            raise LetGo
        self.url = urljoin(self.url, url)
        told = params.of_leg(self.leg) | ({"Digits": digits} if digits else {})
        outcome = await self.talk.deliver("whisper", self.url, told)
        if outcome.webhook.outcome != "answered":
            raise LetGo
        return outcome.verbs

    async def follow(self, verbs: list[Verb]) -> None:
        """Go through the verbs. Reaching their end connects; Hangup does not."""
        while verbs:
            verb, verbs = verbs[0], verbs[1:]
            if verb.name in {"Hangup", "Reject"}:
                raise LetGo
            if verb.name == "Redirect":
                verbs = await self.fetch(verb.text, "")
            elif verb.name == "Gather":
                pressed = await self._gather(verb)
                verbs = verbs if pressed is None else pressed
            elif verb.name in {"Say", "Play", "Pause"}:
                await self._hear(words_of(verb), frozenset())

    async def _gather(self, verb: Verb) -> list[Verb] | None:
        """Return what the pressed key leads to; None when none was pressed."""
        words = words_of(verb)
        move = await self._hear(words, KEYS, number_of(verb, "timeout", 5))
        if not move:
            return None
        digit = move.removeprefix("staff_press_")
        self.talk.tell(f"Somebody presses {digit}")
        return await self.fetch(verb.attributes.get("action") or self.url, digit)

    async def _hear(self, words: str, wanted: frozenset[str], more: float = 0) -> str:
        if words:
            self.leg.hears, self.leg.since = words, now()
            self.talk.twin.world.keep(self.leg)
            self.talk.tell(f"The center's phone hears: {words}")
        planned = f"staff_press_{self.talk.ending.digit}"
        listening = wanted if not self.is_machine else frozenset[str]()
        seconds = length_of(words) + more
        move = await self.talk.last("whisper", seconds, listening | {HANGS_UP}, planned)
        if move == HANGS_UP:
            raise LetGo
        return move
