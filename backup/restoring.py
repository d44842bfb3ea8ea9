"""Puts a backup into an empty database: everything, or nothing at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from backup.databases import Connection, Database
from backup.dumping import restore, table_of_contents
from backup.framing import messages
from backup.problems import Refused
from backup.reading import Backup, destroyed_since
from backup.replaying import Replay
from backup.snapshot import count_rows
from encryption.offline import Holder

_OBJECTS = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')"""
_IS_PREPARED = """
    SELECT has_schema_privilege('quietline_owner', 'public', 'CREATE')
       AND has_schema_privilege('quietline_app', 'public', 'USAGE')
    FROM pg_roles WHERE rolname = 'quietline_owner'"""
_TABLES = "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'"
_DESTROY = """
    UPDATE encryption_key SET wrapped = '', state = 'destroyed', destroyed_at = now()
    WHERE state <> 'destroyed' AND encode(kid, 'hex') = ANY(%s)"""


@dataclass(frozen=True)
class Restored:
    """What came back: the rows of each table as they were counted, and how many erasures were done again."""

    tables: dict[str, int]
    erased_again: int


def refuse_unfit_database(into: Database, backup: Backup) -> None:
    """Only an empty database, prepared as for a new installation, takes a backup. Raises Refused."""
    with into.connect() as connection:
        if _number(connection, _OBJECTS):
            raise Refused(f"The database {into.name} already holds tables: restore into an empty one.")
        if not _number(connection, _IS_PREPARED):
            raise Refused(f"The database {into.name} was not prepared: run tenancy/bootstrap.sql in it first.")
        ours, theirs = connection.info.server_version // 10_000, backup.data.manifest.postgresql // 10_000
        if ours < theirs:
            raise Refused(f"This backup is of PostgreSQL {theirs}, and the server here is only {ours}.")


def restore_tables(backup: Backup, holder: Holder, into: Database) -> Restored:
    """Tables and rows, then increments, counts and erasures, then indexes, keys, triggers and row-level security.

    Until those last ones are there the owner sees every row, so this is the time to count. Raises Refused.
    """
    gone = sorted(destroyed_since(backup))
    _give_nothing_by_default(into)  # or rights that a migration took away would come back
    data, keys = backup.data.base, backup.keys.base
    contents = table_of_contents(data.pieces("data", holder))
    restore(into, data.pieces("data", holder), sections=["pre-data", "data"], contents=contents)
    restore(into, keys.pieces("keystore", holder), sections=["data"])
    with into.connect() as connection:
        connection.execute("SET ROLE quietline_owner")
        connection.execute("SET statement_timeout = 0")
        with _rows_told_apart(connection):
            _replay(backup, holder, connection)
            erased = connection.execute(_DESTROY, [gone]).rowcount
        tables = count_rows(connection)
    restore(into, data.pieces("data", holder), sections=["post-data"], contents=contents)
    _measure(into)
    return Restored(tables, erased)


@contextmanager
def _rows_told_apart(connection: Connection) -> Iterator[None]:
    """Changes are published, for the increments to come, and a table that has no primary key yet cannot say of what."""
    _identify_rows_by(connection, "FULL")
    yield
    _identify_rows_by(connection, "DEFAULT")


def _identify_rows_by(connection: Connection, identity: Literal["FULL", "DEFAULT"]) -> None:
    for (table,) in connection.execute(_TABLES).fetchall():
        connection.execute(f"ALTER TABLE {table} REPLICA IDENTITY {identity}")


def _replay(backup: Backup, holder: Holder, connection: Connection) -> None:
    """The increments, in their order."""
    replay = Replay(connection)
    for half in (backup.data, backup.keys):
        for increment in half.increments:
            replay.apply(messages(increment.pieces("changes", holder)))
    replay.finish(backup.data.manifest.sequences)


def _measure(into: Database) -> None:
    """Let PostgreSQL learn how large its tables are: the first queries would take the long way round."""
    with into.connect(autocommit=True) as connection:
        connection.execute("SET ROLE quietline_owner")
        connection.execute("SET client_min_messages = error")
        connection.execute("ANALYZE")


def _give_nothing_by_default(into: Database) -> None:
    """The dump ends with the defaults that bootstrap.sql sets, and says before what each table grants."""
    with into.connect() as connection:
        connection.execute("SET ROLE quietline_owner")
        for kind in _DEFAULTS:
            connection.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON {kind} FROM quietline_app")


@contextmanager
def nothing_left_of_a_failure(into: Database) -> Iterator[None]:
    """Empty the database again when the block fails. It was empty before: that has been looked at."""
    try:
        yield
    except BaseException:
        _empty(into)
        raise


def _empty(into: Database) -> None:
    with into.connect() as connection:
        connection.execute("SET ROLE quietline_owner")
        for query, statement in _OURS.items():
            for (name,) in connection.execute(query).fetchall():
                connection.execute(sql.SQL(statement).format(sql.SQL(name)))
        for kind, rights in _DEFAULTS.items():
            connection.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO quietline_app")


_DEFAULTS = {"TABLES": "SELECT, INSERT, UPDATE, DELETE", "SEQUENCES": "USAGE, SELECT"}
_OURS = {
    "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'": "DROP TABLE {} CASCADE",
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace": "DROP FUNCTION {}",
}


def _number(connection: Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
