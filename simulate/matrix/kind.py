from collections.abc import Callable
from random import Random

from simulate.breakable import BreakableStack

# Strikes once, takes what time it needs, and leaves nothing that does not end by itself.
Fault = Callable[[BreakableStack, Random], None]
