"""The whole stack under load while things break: nothing lost, nothing twice."""

from random import Random

from simulate.faults import FAULTS, chosen
from simulate.run import Plan, simulate

PLAN = Plan(seed=20261124, texts=2000, replies=500, faults=200, seconds=90)


def test_nothing_is_lost_and_nothing_happens_twice_while_everything_breaks() -> None:
    result = simulate(PLAN, say=print)
    assert result.broken == []
    assert result.counts["faults"] == PLAN.faults
    assert result.counts["kinds of faults"] >= 30
    assert result.counts["replies acknowledged"] >= PLAN.replies * 0.95
    assert result.counts["texts that came late"] > 0, "nothing broke enough to show anything"


def test_a_seed_chooses_the_same_faults_again() -> None:
    assert chosen(Random("7:faults"), 120) == chosen(Random("7:faults"), 120)
    assert chosen(Random("7:faults"), 120) != chosen(Random("8:faults"), 120)
    assert set(chosen(Random("7:faults"), len(FAULTS))) == set(FAULTS)
