"""Where errands are handed in. Faults on webhooks act here, between the errand and the postman."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from twin.faults import Fault
from twin.postman import Errand, Outcome, Postman
from twin.records import Webhook
from twin.sids import new_sid
from twin.world import World, now


class Postbox:
    """Takes errands; sends each once, unless a fault says otherwise."""

    def __init__(self, world: World, postman: Postman) -> None:
        self.world, self.postman = world, postman
        self.gathered: dict[str, list[asyncio.Event]] = {}
        self.ways: dict[str, Callable[[Fault, Errand], Awaitable[Outcome]]] = {
            "duplicate": self._duplicate,
            "burst": self._burst,
            "delay": self._delay,
            "reorder": self._reorder,
            "drop": self._drop,
            "bad_signature": self._forge,
        }

    async def deliver(self, errand: Errand) -> Outcome:
        """Carry an errand, well or badly; return what became of its first copy."""
        fault = self.world.faults.for_webhook(urlsplit(errand.url).path, "POST", errand.about)
        if fault is None:
            return await self.postman.send(errand)
        return await self.ways[fault.kind](fault, errand)

    async def _duplicate(self, fault: Fault, errand: Errand) -> Outcome:
        outcomes = [await self.postman.send(errand) for _ in range(fault.copies)]
        return outcomes[0]

    async def _burst(self, fault: Fault, errand: Errand) -> Outcome:
        outcomes = await asyncio.gather(*(self.postman.send(errand) for _ in range(fault.copies)))
        return outcomes[0]

    async def _delay(self, fault: Fault, errand: Errand) -> Outcome:
        await asyncio.sleep(fault.seconds)
        return await self.postman.send(errand)

    async def _forge(self, fault: Fault, errand: Errand) -> Outcome:
        return await self.postman.send(errand, forged=True)

    async def _drop(self, fault: Fault, errand: Errand) -> Outcome:
        hook = Webhook(new_sid("WH"), errand.about, errand.subject, errand.url, "", errand.params, now())
        hook.outcome = "dropped"
        self.world.keep(hook)
        return Outcome(hook, None, [])

    async def _reorder(self, fault: Fault, errand: Errand) -> Outcome:
        """Wait for others, or for long enough; then go, the last first."""
        turn = asyncio.Event()
        gathered = self.gathered.setdefault(fault.id, [])
        gathered.append(turn)
        if len(gathered) >= fault.copies:
            self._release(fault.id, gathered)
        else:
            asyncio.get_running_loop().call_later(fault.seconds, self._release, fault.id, gathered)
        try:
            await turn.wait()
            return await self.postman.send(errand)
        finally:
            self._pass_on(turn, gathered)

    def _pass_on(self, turn: asyncio.Event, gathered: list[asyncio.Event]) -> None:
        if turn in gathered:  # given up while waiting
            gathered.remove(turn)
        elif gathered:
            gathered.pop().set()

    def _release(self, fault_id: str, gathered: list[asyncio.Event]) -> None:
        if self.gathered.get(fault_id) is gathered:
            del self.gathered[fault_id]
            if gathered:
                gathered.pop().set()
