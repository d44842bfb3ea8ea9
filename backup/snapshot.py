"""One moment of the database: what the dumps hold and what the manifest says of them belong together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import IsolationLevel, sql

from backup.databases import Connection, Database

KEYSTORE = "encryption_key"
# Whoever was signed in signs in again: a session that was ended since would come back to life.
LEFT_OUT = "django_session"

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY app, name"
_CHECKPOINT = "SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1"
_ROOTS = """
    SELECT DISTINCT encode(wrapped_by, 'hex') FROM encryption_key
    WHERE purpose IN ('center', 'signing') AND state <> 'destroyed' ORDER BY 1"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
_DESTROYED = "SELECT encode(kid, 'hex') FROM encryption_key WHERE state = 'destroyed' ORDER BY 1"


@dataclass(frozen=True)
class Snapshot:
    """Named so that pg_dump can see the same moment, for as long as the block lasts."""

    name: str
    sees: str
    postgresql: int
    migrations: list[str]
    tables: dict[str, int]
    checkpoint: str | None
    roots: list[str]
    destroyed: list[str]


@contextmanager
def snapshot(database: Database) -> Iterator[Snapshot]:
    """Hold one moment of a database."""
    with database.connect() as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute("SET LOCAL statement_timeout = 0")
        yield Snapshot(
            name=_column(connection, "SELECT pg_export_snapshot()")[0],
            sees=_column(connection, "SELECT pg_current_snapshot()::text")[0],
            postgresql=connection.info.server_version,
            migrations=migrations_done(connection),
            tables=count_rows(connection),
            checkpoint=next(iter(_column(connection, _CHECKPOINT)), None),
            roots=roots_in_use(connection),
            destroyed=_column(connection, _DESTROYED),
        )


def roots_in_use(connection: Connection) -> list[str]:
    """The root keys that the keystore needs."""
    return _column(connection, _ROOTS)


def migrations_done(connection: Connection) -> list[str]:
    return _column(connection, _MIGRATIONS)


def sequence_values(connection: Connection) -> dict[str, int]:
    """How far each sequence that was used has counted."""
    return {name: int(value) for name, value in connection.execute(_SEQUENCES)}


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows this connection sees in each table; none of those that a backup leaves out."""
    return {table: 0 if table == LEFT_OUT else _count(connection, table) for table in _column(connection, _TABLES)}


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0


def _column(connection: Connection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(query)]
