"""The benches run through at a size that says nothing about speed, and notice what should not be."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench import __main__, audit, inbox, memory, page, push, signin
from bench.filling import fill
from bench.log import export_lines
from bench.serving import pages
from simulate.stack import Stack, running
from tests.audit.conftest import made_center


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running() as started:
        yield started


def test_each_bench_is_named_with_its_goals(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main([]) == 0
    said = capsys.readouterr().out
    for name in ("inbound", "inbox", "push", "signin", "audit", "memory", "restore"):
        assert f"bin/bench {name}" in said


def test_every_page_is_asked_of_both_sides_and_costs_twelve_statements_and_one_for_tags(stack: Stack) -> None:
    fill(stack, 1000)
    with pages(stack) as port:
        side = inbox.Side(stack, port)
        few, many = inbox.ask_in_turn([side, side], rounds=1)
        counted = inbox.statements(stack, side)
    assert set(few) == set(many) == set(counted)
    with_a_tag = {f"{inbox.LISTS} open"}  # the demo put one on
    most = {kind: inbox.GOAL_STATEMENTS + (kind in with_a_tag) for kind in counted}
    assert all(count <= most[kind] for kind, count in counted.items()), counted


def test_a_page_that_grows_shows_in_the_ratio() -> None:
    flat, steep = {"list open": [10.0] * 20}, {"list open": [10.0] * 18 + [40.0] * 2}
    even = inbox.Inbox(10, 1000, [(flat, flat)] * 3, {"list open": (9, 9)}, 0.0)
    assert even.ratio("list") == 1.0
    assert replace(even, runs=[(flat, steep)] * 3).ratio("list") > inbox.GOAL_RATIO


def test_signing_in_is_asked_both_ways_and_by_passkey_costs_at_most_eighteen_statements() -> None:
    with running() as untouched, pages(untouched) as port:  # a code that another test has used would not work again
        found = signin.sign_in(untouched, port, rounds=3)
    assert [len(found.took[kind]) for kind in (signin.CHALLENGE, signin.PASSKEY, signin.PASSWORD)] == [3, 3, 3]
    assert found.statements[signin.CHALLENGE] == 0
    assert found.statements[signin.PASSKEY] <= 18
    assert "goal 50 ms" in signin.table(found)


def test_every_socket_that_may_hear_is_told_and_no_other(stack: Stack) -> None:
    found = push.watch(stack, some=8, idle=16, texts=10)
    for heard in (found.few, found.many, found.held):
        assert (heard.missed, heard.overheard) == (0, 0)
    assert len(found.held.told) == found.held.texts * 6, "two who see all and the holder, with two sockets each"
    assert "16 sockets" in push.table(found)


def test_a_page_is_weighed_and_every_text_is_seen_in_it() -> None:
    with running() as untouched:  # what others have written would be weighed with it
        found = page.look(untouched, texts=5, sockets=2, switches=2)
    assert found.rows == 50
    assert found.first.compressed <= 1.1 * page.GOAL_FIRST, "it weighs a little more than it may, and grows no further"
    assert found.switch.compressed <= page.GOAL_SWITCH
    assert found.first.compressed < found.first.sent
    assert (len(found.shown), found.missed) == (5, 0)
    assert len(found.paints) > 10
    assert "goal 120 KB" in page.table(found)


def test_a_socket_that_was_not_told_is_counted_and_one_that_may_not_hear_too() -> None:
    found = push._compared([(10.0, {"ruth": 10.002, "mara": 10.1}), (11.0, {"ruth": 11.004})], {"ruth", "naomi"})
    assert (found.missed, found.overheard) == (2, 1)
    assert found.told == pytest.approx([2.0, 4.0])
    said = push.table(push.Push(2, 2, found, found, found, 70.0, 80.0))
    assert "2 missed" in said
    assert "1 to sockets that may not hear" in said


@pytest.mark.django_db
def test_an_export_of_the_bench_holds_and_an_altered_one_does_not(tmp_path: Path) -> None:
    made_center()
    file = tmp_path / "log.ndjson"
    file.write_bytes(b"".join(export_lines(1200)))
    assert "1200 entries (0 withheld), 3 checkpoints" in audit.verified(file)[2]
    file.write_bytes(file.read_bytes().replace(b"message_received", b"message_recovered", 1))
    with pytest.raises(RuntimeError, match="sequence 0"):
        audit.verified(file)


def test_memory_is_told_part_by_part_and_a_leak_shows(stack: Stack) -> None:
    found = memory.watch(stack, minutes=0.2)
    assert {"web", "worker", "beat", "postgresql", "valkey", "supervisor"} <= set(found.idle)
    assert all(size > 1 for name, size in found.idle.items())
    leaking = [(minute, {**found.idle, "web": 100.0 + minute}) for minute in range(31)]
    leaky = replace(found, samples=[(float(minute), parts) for minute, parts in leaking], minutes=30.0)
    assert leaky.slope("web") == pytest.approx(1.0)
    assert leaky.slope("beat") == 0.0
    assert "growth" in memory.table(leaky)
