"""Signed webhook to committed, sealed, recorded and rung, against a bare handler on the same server."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from typing import cast

import psycopg

from bench.limit_tables import TABLES
from bench.load import CLIENTS, Target, flood, prepared, trickle
from bench.serving import pages
from simulate.stack import Stack, running
from trial.postgresql import superuser_dsn

RUNS, TEXTS, CONCURRENCY = 5, 2000, 16
PACE, PACED = 50.0, 1000  # texts a second, and how many
DUE = "SELECT 1 FROM jobs_job WHERE done_at IS NULL AND dead_at IS NULL AND run_at < now() + interval '5 s' LIMIT 1"
# Of the entries since a moment: the seconds until the first checkpoint over them, for 99 of 100 at the most.
LAG = """
SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM c.created_at - e.timestamp))
  FROM audit_logentry e JOIN audit_sequencedleaf s ON s.entry = e.id
  CROSS JOIN LATERAL (SELECT created_at FROM audit_checkpoint WHERE size > s.seq ORDER BY size LIMIT 1) c
 WHERE e.timestamp >= %s
"""


@dataclass(frozen=True)
class Inbound:
    """Texts a second of each run, milliseconds at a steady pace, and seconds that 99 of 100 entries waited at most."""

    ours: list[float]
    limit: list[float]
    unlogged: list[float]
    paced: list[float]
    lag: float

    @property
    def ratio(self) -> float:
        return median(self.ours) / median(self.limit)

    @property
    def auditing(self) -> float:
        """The part of a text's cost that is the log's."""
        return 1 - median(self.ours) / median(self.unlogged)

    @property
    def p99(self) -> float:
        return quantiles(self.paced, n=100)[98]


def measure(*, runs: int = RUNS, texts: int = TEXTS, paced: int = PACED) -> Inbound:
    """All in turn, `runs` times, in one stack that is otherwise idle."""
    with running() as stack, _limit(stack) as limit, _product(stack) as ours, _unlogged(stack) as unlogged:
        asyncio.run(flood(ours, prepared(ours, CLIENTS, len(CLIENTS)), 4))  # everybody has written before
        _wait_for_the_worker(stack)
        targets = {"limit": limit, "ours": ours, "unlogged": unlogged}
        results: dict[str, list[float]] = {name: [] for name in targets}
        began = _now(stack)
        for _ in range(runs):
            for name, target in targets.items():
                results[name].append(asyncio.run(flood(target, prepared(target, CLIENTS, texts), CONCURRENCY)))
        lag = _lag(stack, began)
        took = asyncio.run(trickle(ours, prepared(ours, CLIENTS, paced), PACE))
    return Inbound(**results, paced=took, lag=lag)


def table(found: Inbound) -> str:
    """As it stands in docs/performance.md."""
    rows = [
        f"texts a second, ours        {_runs(found.ours)}   median {median(found.ours):7.0f}",
        f"texts a second, limit       {_runs(found.limit)}   median {median(found.limit):7.0f}",
        f"texts a second, no log      {_runs(found.unlogged)}   median {median(found.unlogged):7.0f}",
        f"ours / limit                {found.ratio:.2f}   (goal 0.5)",
        f"cost of auditing            {found.auditing:.0%}   (goal 15%)",
        f"at 50 texts a second        p50 {median(found.paced):.1f} ms, p99 {found.p99:.1f} ms   (goal p99 40 ms)",
        f"numbered within, p99        {found.lag:.1f} s   (goal 2 s)",
    ]
    return "\n".join(rows)


def _runs(values: list[float]) -> str:
    return " ".join(f"{value:6.0f}" for value in values)


@contextmanager
def _product(stack: Stack, application: str = "config.wsgi:application") -> Iterator[Target]:
    """The product under granian, as production runs it."""
    demo = stack.demo
    address = f"{stack.state.public}/hooks/twilio/{demo['line']}/message"
    with pages(stack, application) as port:
        yield Target(address, port, demo["auth_token"], demo["account_sid"], demo["number"])


def _unlogged(stack: Stack) -> AbstractContextManager[Target]:
    return _product(stack, "bench.unlogged:application")


@contextmanager
def _limit(stack: Stack) -> Iterator[Target]:
    demo, address = stack.demo, "http://127.0.0.1/limit"
    with psycopg.connect(_dsn(stack)) as connection:
        connection.execute(TABLES)
    told = {"BENCH_DSN": _dsn(stack), "BENCH_TOKEN": demo["auth_token"], "BENCH_ADDRESS": address}
    with pages(stack, "bench.limit:application", **told) as port:
        yield Target(address, port, demo["auth_token"], demo["account_sid"], demo["number"])


def _dsn(stack: Stack) -> str:
    return superuser_dsn(stack.state.postgresql_port, stack.state.superuser_password, "quietline")


def _now(stack: Stack) -> datetime:
    with psycopg.connect(_dsn(stack)) as connection:
        found = connection.execute("SELECT clock_timestamp()").fetchone()
    return cast(datetime, found[0] if found else None)


def _wait_for_the_worker(stack: Stack) -> None:
    """First texts are answered automatically, which is not what is measured."""
    with psycopg.connect(_dsn(stack), autocommit=True) as connection:
        while connection.execute(DUE).fetchone():
            time.sleep(0.1)


def _lag(stack: Stack, began: datetime) -> float:
    """Wait until the sequencer has numbered all that the runs wrote; return how long 99 of 100 had waited."""
    with psycopg.connect(_dsn(stack), autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM audit_pendingleaf LIMIT 1").fetchone():
            time.sleep(0.05)
        found = connection.execute(LAG, [began]).fetchone()
    return float(found[0]) if found else 0.0
