"""The whole stack under load while things break: nothing lost, nothing twice."""

from random import Random

from simulate.__main__ import _read
from simulate.faults import FAULTS, RARELY, chosen
from simulate.matrix.servers import ON_A_SMALL_DISK
from simulate.plan import Plan
from simulate.run import simulate

PLAN = Plan(seed=20261124, texts=2000, replies=560, faults=260, seconds=75)


def test_nothing_is_lost_and_nothing_happens_twice_while_everything_breaks() -> None:
    result = simulate(PLAN, say=print)
    assert result.broken == []
    assert result.counts["faults"] >= 200, "of those planned, a few are places that nobody passes in time"
    assert result.counts["kinds of faults"] >= 60
    assert result.counts["texts of ours that Twilio took"] >= 500
    assert result.counts["replies acknowledged"] >= PLAN.replies * 0.85, "those to whoever has just stopped are refused"
    assert result.counts["stops of clients"] >= 8
    assert result.counts["texts that came late"] > 0, "nothing broke enough to show anything"


def test_a_seed_chooses_the_same_faults_again() -> None:
    assert chosen(Random("7:faults"), 120) == chosen(Random("7:faults"), 120)
    assert chosen(Random("7:faults"), 120) != chosen(Random("8:faults"), 120)


def test_every_kind_of_fault_comes_round() -> None:
    assert set(chosen(Random("7:faults"), len(FAULTS) * (RARELY + 1))) == set(FAULTS)
    assert len(FAULTS) >= 100


def test_what_a_machine_does_not_allow_is_left_out_by_name() -> None:
    without = tuple(ON_A_SMALL_DISK)
    assert not set(without) & set(chosen(Random("7:faults"), len(FAULTS) * (RARELY + 1), without))


def test_a_plan_says_how_to_run_it_again() -> None:
    again = _read(PLAN.command.split()[1:])[0]
    assert (again.seed, again.texts, again.replies, again.faults) == (PLAN.seed, PLAN.texts, PLAN.replies, PLAN.faults)
    assert abs(again.seconds - PLAN.seconds) < 1
