"""Signed webhook to committed, sealed, recorded and rung, against a bare handler on the same server."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from urllib.request import ProxyHandler, build_opener

import psycopg

from bench.limit_tables import TABLES
from bench.load import CLIENTS, Target, flood, prepared, trickle
from simulate.stack import Stack, running
from trial.environment import of_product
from trial.options import ROOT
from trial.ports import free_port
from trial.postgresql import superuser_dsn

RUNS, TEXTS, CONCURRENCY, WORKERS = 5, 2000, 16, 2
PACE, PACED = 50.0, 1000  # texts a second, and how many


@dataclass(frozen=True)
class Inbound:
    """Texts a second of each run, milliseconds at a steady pace, and seconds that entries waited for their number."""

    ours: list[float]
    limit: list[float]
    paced: list[float]
    lag: float

    @property
    def ratio(self) -> float:
        return median(self.ours) / median(self.limit)

    @property
    def p99(self) -> float:
        return quantiles(self.paced, n=100)[98]


def measure(*, runs: int = RUNS, texts: int = TEXTS, paced: int = PACED) -> Inbound:
    """Both in turn, `runs` times, in one stack that is otherwise idle."""
    with running() as stack, _limit(stack) as limit, _product(stack) as ours:
        clients = CLIENTS
        asyncio.run(flood(ours, prepared(ours, clients, len(clients)), 4))  # everybody has written before
        results: dict[str, list[float]] = {"ours": [], "limit": []}
        for _ in range(runs):
            results["limit"].append(asyncio.run(flood(limit, prepared(limit, clients, texts), CONCURRENCY)))
            results["ours"].append(asyncio.run(flood(ours, prepared(ours, clients, texts), CONCURRENCY)))
        lag = _lag(stack)
        took = asyncio.run(trickle(ours, prepared(ours, clients, paced), PACE))
    return Inbound(results["ours"], results["limit"], took, lag)


def table(found: Inbound) -> str:
    """As it stands in docs/performance.md."""
    rows = [
        f"texts a second, ours        {_runs(found.ours)}   median {median(found.ours):7.0f}",
        f"texts a second, limit       {_runs(found.limit)}   median {median(found.limit):7.0f}",
        f"ours / limit                {found.ratio:.2f}   (goal 0.5)",
        f"at 50 texts a second        p50 {median(found.paced):.1f} ms, p99 {found.p99:.1f} ms   (goal p99 40 ms)",
        f"last entry numbered after   {found.lag:.1f} s   (goal 2 s)",
    ]
    return "\n".join(rows)


def _runs(values: list[float]) -> str:
    return " ".join(f"{value:6.0f}" for value in values)


@contextmanager
def _product(stack: Stack) -> Iterator[Target]:
    """The product under granian, as production runs it."""
    demo = stack.demo
    address = f"{stack.state.public}/hooks/twilio/{demo['line']}/message"
    target = Target(address, free_port(), demo["auth_token"], demo["account_sid"], demo["number"])
    with _served("config.wsgi:application", target.port, of_product(stack.folder, stack.state)):
        yield target


@contextmanager
def _limit(stack: Stack) -> Iterator[Target]:
    state, demo = stack.state, stack.demo
    dsn = superuser_dsn(state.postgresql_port, state.superuser_password, "quietline")
    with psycopg.connect(dsn) as connection:
        connection.execute(TABLES)
    target = Target("http://127.0.0.1/limit", free_port(), demo["auth_token"], demo["account_sid"], demo["number"])
    told = {"BENCH_DSN": dsn, "BENCH_TOKEN": target.token, "BENCH_ADDRESS": target.address}
    with _served("bench.limit:application", target.port, {**of_product(stack.folder, state), **told}):
        yield target


@contextmanager
def _served(application: str, port: int, environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(WORKERS), "--blocking-threads", "8", "--no-ws", "--log-level", "error", application]
    with Path(os.devnull).open("w") as nowhere:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=nowhere, stderr=nowhere)
    try:
        _wait(port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(port: int) -> None:
    opener, deadline = build_opener(ProxyHandler({})), time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            opener.open(f"http://127.0.0.1:{port}/", timeout=2).close()
        except OSError as problem:
            if hasattr(problem, "code"):
                return  # it answers, if only with an error
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("A server did not start.")


def _lag(stack: Stack) -> float:
    """Seconds until the sequencer has numbered all that the last run wrote."""
    state, began = stack.state, time.monotonic()
    dsn = superuser_dsn(state.postgresql_port, state.superuser_password, "quietline")
    with psycopg.connect(dsn, autocommit=True) as connection:
        while True:
            found = connection.execute("SELECT count(*) FROM audit_pendingleaf").fetchone()
            if not found or not found[0]:
                return time.monotonic() - began
            time.sleep(0.05)
