"""PostgreSQL, Valkey and the disk: locked, cut, full, refusing."""

import time
import uuid
from random import Random

import psycopg
import redis

from simulate.breakable import BreakableStack
from simulate.matrix.kind import Fault
from simulate.promises.kinds import IMPOSSIBLE
from simulate.small_disk import fill
from trial.postgresql import superuser_dsn
from trial.valkey import url

ADD_JOB = """
    INSERT INTO jobs_job (id, kind, subject_id, run_at, attempts, last_error, created_at)
    VALUES ('{id}', '{kind}', '{id}', now(), 0, '', now())
"""
CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'quietline_app'"


def _superuser(statement: str, seconds: float = 0, undo: str = "") -> Fault:
    def strike(stack: BreakableStack, chance: Random) -> None:
        state = stack.state
        dsn = superuser_dsn(state.postgresql_port, state.superuser_password, "quietline")
        try:
            with psycopg.connect(dsn, connect_timeout=2, autocommit=bool(undo)) as connection:
                try:
                    connection.execute(statement)
                    time.sleep(seconds)
                finally:
                    if undo:
                        connection.execute(undo)
        except psycopg.OperationalError:
            return  # it is down already: another fault's work

    return strike


def _impossible_job(stack: BreakableStack, chance: Random) -> None:
    """A job that nobody can do: given up at once, and the queue moves on."""
    values = {"id": str(uuid.uuid4()), "kind": IMPOSSIBLE}
    _superuser(ADD_JOB.format(**values))(stack, chance)


def _valkey(*command: str, undo: tuple[str, ...] = ()) -> Fault:
    def strike(stack: BreakableStack, chance: Random) -> None:
        state = stack.state
        try:
            with redis.Redis.from_url(url(state.valkey_port, state.valkey_password), socket_timeout=2) as client:
                client.execute_command(*command)
                if undo:
                    time.sleep(chance.uniform(0.5, 2))
                    client.execute_command(*undo)
        except redis.RedisError:
            return  # it is down already: another fault's work

    return strike


def _spool_full_and_database_away(stack: BreakableStack, chance: Random) -> None:
    """Nothing can be kept anywhere: Twilio must be told so, and try again."""
    file = fill(stack.data / "spool")
    try:
        stack.network.break_route("postgresql", "refuse", seconds=2.5)
        time.sleep(2.5)
    finally:
        file.unlink(missing_ok=True)


SERVERS = {
    "connections cut": _superuser(CUT_ALL),
    "messages locked": _superuser("LOCK TABLE messaging_message IN ACCESS EXCLUSIVE MODE", seconds=2.5),
    "conversations locked": _superuser("LOCK TABLE messaging_conversation IN ACCESS EXCLUSIVE MODE", seconds=2.5),
    "jobs locked": _superuser("LOCK TABLE jobs_job IN ACCESS EXCLUSIVE MODE", seconds=2.5),
    "a job that nobody can do": _impossible_job,
    "Valkey emptied": _valkey("FLUSHALL"),
    "Valkey full": _valkey("CONFIG", "SET", "maxmemory", "1", undo=("CONFIG", "SET", "maxmemory", "0")),
    "Valkey clients cut": _valkey("CLIENT", "KILL", "TYPE", "normal"),
    "Valkey busy": _valkey("DEBUG", "SLEEP", "1.5"),
}
SERVERS_AWAY = {
    "too many clients": _superuser(
        f"ALTER ROLE quietline_app CONNECTION LIMIT 1; {CUT_ALL}",
        seconds=2,
        undo="ALTER ROLE quietline_app CONNECTION LIMIT -1",
    ),
}
ON_A_SMALL_DISK = {"spool's disk full, database away": _spool_full_and_database_away}
