"""Runs `bench.many_messages` against a stack, in two processes, and leaves the database as one that has been used."""

import subprocess
import sys
import time
from itertools import pairwise

import psycopg

from bench.many_messages import EACH, LONG, LONG_ONES
from simulate.stack import Stack
from trial.environment import of_owner, python
from trial.options import ROOT
from trial.postgresql import superuser_dsn

AT_ONCE = 2  # processes
A_HUNDRED = len(LONG_ONES) * LONG + (100 - len(LONG_ONES)) * EACH  # messages in a hundred conversations


def fill(stack: Stack, messages: int) -> float:
    """Write so many messages unless a kept stack has them; return the seconds it took."""
    began, wanted = time.monotonic(), messages * 100 // A_HUNDRED
    with psycopg.connect(dsn(stack), autocommit=True) as connection:
        found = connection.execute("SELECT count(*) FROM messaging_conversation").fetchone()
        if found and found[0] >= wanted:
            return 0.0
        _run(stack, wanted)
        while (waiting := connection.execute("SELECT count(*) FROM audit_pendingleaf").fetchone()) and waiting[0]:
            time.sleep(0.2)
        connection.execute("VACUUM ANALYZE")
    return time.monotonic() - began


def dsn(stack: Stack) -> str:
    """How the owner of the stack's server connects: no row is hidden from it."""
    return superuser_dsn(stack.state.postgresql_port, stack.state.superuser_password)


def _run(stack: Stack, conversations: int) -> None:
    edges = [conversations * part // AT_ONCE for part in range(AT_ONCE + 1)]
    environment = {**of_owner(stack.folder, stack.state), "BENCH_DSN": dsn(stack)}
    started = [
        subprocess.Popen(python("bench.many_messages", str(first), str(last)), cwd=ROOT, env=environment)
        for first, last in pairwise(edges)
    ]
    codes = [process.wait() for process in started]
    if any(codes):
        sys.exit("The database could not be filled.")
