"""Twenty-four thousand wild inputs at every door: nothing breaks, nothing is kept that should not be."""

import pytest

from simulate.bad.doors import all_doors
from simulate.bad.run import Plan, Result, simulate
from simulate.bad.skeletons import STAYS_SHUT
from simulate.bad.wild import KINDS

PLAN = Plan(seed=20261124, cases=24_000)


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(PLAN, say=print)


def test_no_bad_input_breaks_anything(result: Result) -> None:
    assert result.failures == {}
    assert result.cases == PLAN.cases


def test_every_kind_of_bad_input_was_given(result: Result) -> None:
    assert set(KINDS) <= set(result.kinds)


def test_every_door_was_asked(result: Result) -> None:
    assert {door.name for door in all_doors()} | {"socket", "file"} <= set(result.asked)


def test_every_door_was_opened(result: Result) -> None:
    """A door that never opens is fuzzed from outside alone: give it a line in simulate/bad/skeletons.py."""
    shut = {name for name in result.asked if not result.opened.get(name)}
    assert shut <= set(STAYS_SHUT)


def test_pages_were_looked_at_after_what_was_accepted(result: Result) -> None:
    assert result.looked > 100


def test_memory_stays_bounded(result: Result) -> None:
    assert result.megabytes < 500
