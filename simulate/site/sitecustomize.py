"""Python imports this at the start of every process of a simulated stack, and of no other: see `simulate.points`."""

from simulate.points import watch

watch()
