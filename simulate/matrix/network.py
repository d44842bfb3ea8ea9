"""What lies between two processes: slow, silent, cut off, cut in the middle of a request, told twice."""

import time
from random import Random
from typing import Any

from simulate.breakable import BreakableStack
from simulate.matrix.kind import Fault
from simulate.places import PLACES

NAMES = {"postgresql": "PostgreSQL", "valkey": "Valkey", "twilio": "Twilio", "web": "webhooks", "socket": "sockets"}


def _for_seconds(route: str, kind: str, shortest: float, longest: float, **more: Any) -> Fault:
    """For a while, on all connections of a route."""

    def strike(stack: BreakableStack, chance: Random) -> None:
        seconds = chance.uniform(shortest, longest)
        stack.network.break_route(route, kind, seconds=seconds, **more)
        time.sleep(seconds)

    return strike


def _next(route: str, kind: str, times: int = 1, **more: Any) -> Fault:
    """On the next new connections of a route."""

    def strike(stack: BreakableStack, chance: Random) -> None:
        stack.network.break_route(route, kind, times=times, **more)

    return strike


_ALL = {
    **{f"{NAMES[route]} reset": _for_seconds(route, "reset", 0.1, 1) for route in NAMES},
    **{f"{NAMES[route]} unreachable": _for_seconds(route, "refuse", 0.5, 3) for route in ("postgresql", "valkey")},
    "Twilio unreachable": _for_seconds("twilio", "refuse", 1, 4),
    "web unreachable for webhooks": _for_seconds("web", "refuse", 0.5, 1.5),
    **{f"{NAMES[route]} silent, then reset": _for_seconds(route, "blackhole", 1, 3) for route in NAMES},
    **{f"{NAMES[route]} held, then let go": _for_seconds(route, "stall", 0.5, 2) for route in NAMES},
    **{f"{NAMES[route]} half open": _for_seconds(route, "half_open", 1, 2) for route in NAMES},
    "PostgreSQL slow": _for_seconds("postgresql", "delay", 1, 2, delay=0.02),
    "Valkey slow": _for_seconds("valkey", "delay", 1, 2, delay=0.2),
    "PostgreSQL in small pieces": _for_seconds("postgresql", "trickle", 1, 2),
    "Valkey in small pieces": _for_seconds("valkey", "trickle", 1, 2),
    "Twilio in small pieces": _for_seconds("twilio", "trickle", 1, 2),
    "webhooks in small pieces": _for_seconds("web", "trickle", 1, 2),
    "a webhook overtaken by others": _next("web", "delay", times=3, delay=1.5),
    "a webhook's bytes sent twice": _next("web", "duplicate", times=3),
    **{f"API call cut {place}": _next("twilio", "cut", place=place) for place in PLACES},
    **{f"webhook cut {place}": _next("web", "cut", place=place) for place in PLACES},
}

# The database is away, or nearly: for longer than the fault itself, until every process has found its way back.
NETWORK_AWAY = {kind: strike for kind, strike in _ALL.items() if kind.startswith(NAMES["postgresql"])}
NETWORK = {kind: strike for kind, strike in _ALL.items() if kind not in NETWORK_AWAY}
