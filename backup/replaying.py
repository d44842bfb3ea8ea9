"""Puts the changes of increments on top of a restored whole backup, in the order in which they were committed.

The tables have no keys, triggers or policies yet, so each change is exactly what it was. A change that does not find
its one row is refused: then the increments are not of this backup.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

import psycopg
from psycopg import sql

from backup.changes import UNCHANGED, Change, Relation, Row, parse
from backup.databases import Connection
from backup.problems import Refused

_AT_ONCE = 50  # few, as one may hold a picture
_INDEX = "quietline_replay_"
_COUNT_ON = "SELECT setval(quote_ident(%s)::regclass, %s)"
Statement = tuple[sql.Composed, list[object]]


class Replay:
    """One restore's increments. Rows are found by an index of each table's key, which is dropped in the end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables: dict[int, Relation] = {}
        self._indexed: set[str] = set()

    def apply(self, messages: Iterable[bytes]) -> None:
        """Raises Refused."""
        statements = self._statements(messages)
        try:
            while some := list(islice(statements, _AT_ONCE)):
                with self._connection.pipeline():
                    done = [self._connection.execute(*statement) for statement in some]
                if any(cursor.rowcount != 1 for cursor in done):
                    raise Refused("An increment changes a row that is not there: it is not of this backup.")
        except psycopg.Error as problem:
            raise Refused(f"An increment does not fit into the tables ({type(problem).__name__}).") from None

    def finish(self, sequences: dict[str, int]) -> None:
        """Leave the tables as a dump would have, and let their sequences count on."""
        for table in self._indexed:
            self._connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(_INDEX + table)))
        for sequence, value in sequences.items():
            self._connection.execute(_COUNT_ON, [sequence, value])

    def _statements(self, messages: Iterable[bytes]) -> Iterator[Statement]:
        for raw in messages:
            message = parse(raw)
            if isinstance(message, Relation):
                self._tables[message.number] = message
                self._index(message)
            elif isinstance(message, Change):
                yield _statement(self._tables[message.relation], message)

    def _index(self, relation: Relation) -> None:
        if relation.table in self._indexed or not relation.keys:
            return
        self._indexed.add(relation.table)
        columns = sql.SQL(", ").join(map(sql.Identifier, relation.keys))
        query = sql.SQL("CREATE UNIQUE INDEX {} ON public.{} ({})")
        name, table = sql.Identifier(_INDEX + relation.table), sql.Identifier(relation.table)
        self._connection.execute(query.format(name, table, columns))


def _statement(relation: Relation, change: Change) -> Statement:
    table = sql.Identifier("public", relation.table)
    if change.act == "I":
        columns = sql.SQL(", ").join(map(sql.Identifier, relation.columns))
        values = sql.SQL(", ").join([sql.Placeholder()] * len(relation.columns))
        query = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(table, columns, values)
        return query, list(change.after)
    where, keys = _by_key(relation, change.before or change.after)
    if change.act == "D":
        return sql.SQL("DELETE FROM {} WHERE {}").format(table, where), keys
    new = {name: value for name, value in relation.named(change.after).items() if value is not UNCHANGED}
    query = sql.SQL("UPDATE {} SET {} WHERE {}").format(table, _equal(new, ", "), where)
    return query, [*new.values(), *keys]


def _by_key(relation: Relation, row: Row) -> tuple[sql.Composed, list[object]]:
    named = relation.named(row)
    return _equal(relation.keys, " AND "), [named[name] for name in relation.keys]


def _equal(names: Iterable[str], between: str) -> sql.Composed:
    return sql.SQL(between).join(sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in names)
