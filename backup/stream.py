"""The server's own log of changes, read through a replication slot: what was committed, in order, and only that.

The slot stands where the newest increment but one ended, so an increment that was lost can be made again. The server
keeps its log from there on, up to `max_slot_wal_keep_size`; beyond that it gives the slot up.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from backup.databases import Connection, Database
from backup.problems import Refused

PUBLICATION = "quietline_changes"
LOCK = 0x5175_6965_7462_6B70  # any number that nobody else locks
LONGEST_WAIT = 60  # seconds for transactions that are open
_AT_ONCE = 20  # few, as one may hold a picture
# Values are written as a dump writes them, whatever the server's own settings are.
_AS_A_DUMP = """
    SET DateStyle = ISO; SET IntervalStyle = postgres; SET extra_float_digits = 3; SET bytea_output = hex;
    SET statement_timeout = 0"""
_SLOT = """
    SELECT s.slot_name, s.confirmed_flush_lsn - '0/0'::pg_lsn FROM pg_replication_slots s
    WHERE s.slot_name = %s AND s.confirmed_flush_lsn IS NOT NULL AND s.wal_status <> 'lost'"""
_DROP = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s"
_CAN_FOLLOW = """
    SELECT current_setting('wal_level') = 'logical', rolreplication,
           EXISTS (SELECT FROM pg_publication WHERE pubname = %s) FROM pg_roles WHERE rolname = current_user"""
_NAME = "SELECT 'quietline_' || oid FROM pg_database WHERE datname = current_database()"
# All that was committed before the first is decoded once the second has passed it.
_POSITIONS = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn, pg_current_wal_flush_lsn() - '0/0'::pg_lsn"
_CHANGES = """
    SELECT data FROM pg_logical_slot_peek_binary_changes(
      {slot}, NULL, NULL, 'proto_version', '1', 'publication_names', {publication})"""


@dataclass(frozen=True)
class Moment:
    """Which transactions a snapshot sees, as PostgreSQL prints it: from, until, and those that were under way."""

    first: int
    until: int
    under_way: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> "Moment":
        first, until, under_way = text.split(":")
        return cls(int(first), int(until), frozenset(int(number) for number in under_way.split(",") if number))

    def sees(self, transaction: int) -> bool:
        return transaction < self.until and transaction not in self.under_way

    def whole(self, transaction: int) -> int:
        """A number of 32 bits in full: the one that is nearest to this moment."""
        return self.until + (transaction - self.until + (1 << 31)) % (1 << 32) - (1 << 31)


@contextmanager
def alone(database: Database) -> Iterator[Connection]:
    """A connection of the reader, while no other backup is made: each ends before the next one looks."""
    with database.connect(autocommit=True) as connection:
        connection.execute(_AS_A_DUMP)
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield connection


def moment(connection: Connection) -> Moment:
    """Now."""
    return Moment.parse(str(_row(connection, "SELECT pg_current_snapshot()::text")[0]))


def slot_position(connection: Connection) -> int:
    """From where on changes can be had; 0 when nothing keeps them."""
    return int(str((connection.execute(_SLOT, [_slot_name(connection)]).fetchone() or ["", 0])[1]))


def position_on_disk(connection: Connection) -> int:
    """Where the log ends, when the disk holds all of it; else 0. Reading after this tells all that came before it."""
    end, flushed = (int(str(value)) for value in _row(connection, _POSITIONS))
    return end if flushed >= end else 0


def ensure_slot(connection: Connection) -> int:
    """From where on changes can be had; a slot that is missing or was given up is made anew. Raises Refused."""
    _refuse_unprepared(connection)
    if begins := slot_position(connection):
        return begins
    name = _slot_name(connection)
    connection.execute(_DROP, [name])
    connection.execute(sql.SQL("SET statement_timeout = {}").format(LONGEST_WAIT * 1000))
    try:
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", [name])
    except psycopg.errors.QueryCanceled:
        raise Refused("A transaction has been open for a minute: increments cannot begin before it ends.") from None
    connection.execute("SET statement_timeout = 0")
    return slot_position(connection)


def give_up_until(connection: Connection, end: int) -> None:
    """Let the server forget its log up to here."""
    connection.execute("SELECT pg_replication_slot_advance(%s, '0/0'::pg_lsn + %s)", [_slot_name(connection), end])


def changes(connection: Connection) -> Generator[bytes]:
    """Every message since the slot's position. Reading again gives the same again, and what came since."""
    query = sql.SQL(_CHANGES).format(slot=_slot_name(connection), publication=PUBLICATION)
    with connection.transaction(), connection.cursor("changes") as cursor:
        cursor.itersize = _AT_ONCE
        for (raw,) in cursor.execute(query):
            yield bytes(raw)


def wait_until_seen(connection: Connection, transactions: set[int]) -> None:
    """Return when all who look see every one of these: the log knows of a commit a moment before. Raises Refused."""
    deadline = time.monotonic() + LONGEST_WAIT
    while True:
        now = moment(connection)
        if all(now.sees(now.whole(number)) for number in transactions):
            return
        if time.monotonic() > deadline:
            raise Refused("A transaction has been committing for a minute: nothing was kept of this increment.")
        time.sleep(0.02)


def _refuse_unprepared(connection: Connection) -> None:
    has_level, may_replicate, has_publication = _row(connection, _CAN_FOLLOW, [PUBLICATION])
    if not has_level:
        raise Refused("PostgreSQL was started without wal_level = logical, which increments need: see docs/backup.md.")
    if not (may_replicate and has_publication):
        raise Refused("The database is not prepared for increments: let its superuser run tenancy/bootstrap.sql again.")


def _slot_name(connection: Connection) -> str:
    return str(_row(connection, _NAME)[0])


def _row(connection: Connection, query: str, given: list[object] | None = None) -> tuple[object, ...]:
    return connection.execute(query, given).fetchone() or ()
