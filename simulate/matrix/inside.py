"""Inside the product: a process killed exactly between two of its steps. See `simulate.points`."""

import time
from random import Random

from simulate.breakable import BreakableStack
from simulate.matrix.kind import Fault
from simulate.points import POINTS, arm

KILLED = "killed at: "
SOON, LATER = 3, 12  # a point is armed for one of its next passings: so many of the worker's, of the others'
# These are passed only while the database is away.
NEEDS_THE_SPOOL = ("spool_", "drain_")


def _killed_at(name: str) -> Fault:
    most = SOON if POINTS[name].process == "worker" else LATER

    def strike(stack: BreakableStack, chance: Random) -> None:
        if name.startswith(NEEDS_THE_SPOOL):
            arm(stack.points, name, chance.randint(1, SOON))
            stack.network.break_route("postgresql", "refuse", seconds=2)
            time.sleep(2)
        else:
            arm(stack.points, name, chance.randint(1, most))

    return strike


INSIDE_CHEAP = {KILLED + name: _killed_at(name) for name, point in POINTS.items() if point.process == "worker"}
INSIDE_DEAR = {KILLED + name: _killed_at(name) for name, point in POINTS.items() if point.process != "worker"}
