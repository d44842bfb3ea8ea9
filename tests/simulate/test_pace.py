"""A slow machine breaks as much per text as a fast one: the time of a plan goes no faster than its load."""

import threading

import pytest

from simulate.pace import AHEAD, Over, Pace
from simulate.plan import Plan

PLAN = Plan(seed=1, texts=2, replies=1, faults=1, seconds=100)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The machine's own time, in its only entry."""
    time = [1000.0]
    monkeypatch.setattr("simulate.pace.time.monotonic", lambda: time[0])
    return time


def test_time_stands_still_while_nothing_is_done(clock: list[float]) -> None:
    pace = Pace(PLAN)
    clock[0] += 500
    assert pace.now() == AHEAD


def test_time_waits_for_the_slower_of_texts_and_replies(clock: list[float]) -> None:
    pace = Pace(PLAN)
    pace.count("texts")
    clock[0] += 500
    assert pace.now() == AHEAD, "no reply is done"
    pace.count("replies")
    clock[0] += 500
    assert pace.now() == PLAN.seconds / 2 + AHEAD


def test_time_goes_no_faster_than_the_machines_own(clock: list[float]) -> None:
    pace = Pace(PLAN)
    pace.count("texts")
    pace.count("replies")
    clock[0] += 3
    assert pace.now() == 3


def test_whoever_waits_for_a_time_that_never_comes_is_let_go() -> None:
    pace = Pace(PLAN)
    threading.Timer(0.1, pace.end).start()
    with pytest.raises(Over):
        pace.wait_for(AHEAD + 1)
