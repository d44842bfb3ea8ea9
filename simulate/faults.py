"""Which faults strike, and in which order: chosen by the seed alone."""

from collections.abc import Iterator
from random import Random

from simulate.matrix.inside import INSIDE_CHEAP, INSIDE_DEAR
from simulate.matrix.kind import Fault
from simulate.matrix.network import NETWORK, NETWORK_AWAY
from simulate.matrix.processes import CHEAP, DEAR
from simulate.matrix.servers import ON_A_SMALL_DISK, SERVERS, SERVERS_AWAY
from simulate.matrix.twilio import TWILIO

# After these a Python process starts anew, which takes seconds of a whole processor, or the database is away for
# seconds: struck as often as the rest, nothing else would be under way that could break.
RARE: dict[str, Fault] = {**DEAR, **INSIDE_DEAR, **NETWORK_AWAY, **SERVERS_AWAY, **ON_A_SMALL_DISK}
RARELY = 6
FAULTS: dict[str, Fault] = {**CHEAP, **SERVERS, **TWILIO, **NETWORK, **INSIDE_CHEAP, **RARE}


def chosen(chance: Random, count: int, without: tuple[str, ...] = ()) -> list[str]:
    """So many faults, every kind about as often but those in `RARE` a sixth of that, in an order of chance."""
    plan: list[str] = []
    rare = _over_and_over(chance, [kind for kind in RARE if kind not in without])
    often = [kind for kind in FAULTS if kind not in RARE and kind not in without]
    while len(plan) < count:
        turn = often + [next(rare) for _ in range(len(RARE) // RARELY)]
        chance.shuffle(turn)
        plan += turn
    return plan[:count]


def _over_and_over(chance: Random, kinds: list[str]) -> Iterator[str]:
    while True:
        yield from chance.sample(kinds, len(kinds))
