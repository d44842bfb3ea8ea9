"""Few round trips to PostgreSQL: one statement that asks, and rows that are written together by one statement.

A round trip costs more than most statements do, and a lock that is held across several of them halves what a
server can take. The few paths that must be fast use this; it is prepared on the server, so nothing is planned
twice, and values are always bound, never part of the text.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from psycopg import RawCursor, ServerCursor

Row = tuple[Any, ...]
Fields = tuple[tuple[Any, bool], ...]  # each with whether its value is sent as the row holds it
PLAIN = (models.UUIDField, models.ForeignKey, models.CharField, models.IntegerField, models.DateTimeField)
_names = count()


class Statement(NamedTuple):
    """One statement with `%s` for each of its values."""

    sql: str
    values: Sequence[Any]


def ask(question: Statement) -> list[Row]:
    """The rows that a statement returns. Raises what Django raises for a statement that fails."""
    with _sent(question) as cursor:
        return cursor.fetchall()


def stream(rows: "models.QuerySet[Any, Row]", *, at_once: int) -> Iterator[Row]:
    """The rows of a `values_list` within the running transaction, without all of them in memory: so many at a time.

    They come as PostgreSQL sends them, in its binary form: bytes as bytes, and no field converts anything. Of large
    values Django's own way, through text, takes four times the processor's time.
    """
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:  # what was asked for can hold nothing, and Django does not ask
        return
    _begin()
    name = f"stream_{next(_names)}"
    with connection.wrap_database_errors, ServerCursor(connection.connection, name) as cursor:
        cursor.execute(sql, values, binary=True)
        while some := cursor.fetchmany(at_once):
            yield from some


def write_together(*changes: Statement) -> None:
    """Do changes of different tables in one statement. None of them sees what another one changes."""
    *first, last = [change.sql for change in changes]
    with _sent(Statement(_joined(tuple(first), last), [value for change in changes for value in change.values])):
        return


@contextmanager
def _sent(statement: Statement) -> Iterator["RawCursor[Row]"]:
    """Send it as PostgreSQL reads it: psycopg takes a statement with many values apart anew each time."""
    _begin()
    with connection.wrap_database_errors, RawCursor(connection.connection) as cursor:
        cursor.execute(_numbered(statement.sql), statement.values, prepare=True, binary=True)
        yield cursor


@lru_cache
def _numbered(sql: str) -> bytes:
    """With `$1`, `$2` and so on in place of each `%s`."""
    first, *rest = sql.split("%s")
    return (first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))).encode()


def _begin() -> None:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()


@lru_cache
def _joined(first: tuple[str, ...], last: str) -> str:
    named = ", ".join(f"change_{number} AS ({sql})" for number, sql in enumerate(first))
    return f"WITH {named} {last}" if named else last


def insertion_of(row: models.Model) -> Statement:
    """What `row.save(force_insert=True)` would send, without its signals; the row then counts as saved."""
    sql, fields = _insertion(type(row))
    values = _values(row, fields, add=True)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return Statement(sql, values)


def update_of(row: models.Model, *names: str) -> Statement:
    """What `row.save(update_fields=names)` would send, without its signals."""
    sql, fields = _update(type(row), names)
    return Statement(sql, [*_values(row, fields, add=False), row.pk])


def _values(row: models.Model, fields: Fields, *, add: bool) -> list[Any]:
    database, held = connections[DEFAULT_DB_ALIAS], row.__dict__
    return [
        held[field.attname] if is_plain else field.get_db_prep_save(field.pre_save(row, add), database)
        for field, is_plain in fields
    ]


def _is_plain(field: Any) -> bool:
    """Whether a value goes to the database as the row holds it."""
    kind = type(field)
    return isinstance(field, PLAIN) and kind.pre_save is models.Field.pre_save


@lru_cache
def _insertion(model: type[models.Model]) -> tuple[str, Fields]:
    fields = model._meta.local_concrete_fields
    columns, marks = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks})'  # noqa: S608  # names alone
    return sql, _with_kinds(fields)


@lru_cache
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, Fields]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    sql = f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "{model._meta.pk.column}" = %s'  # noqa: S608
    return sql, _with_kinds(fields)


def _with_kinds(fields: Sequence[Any]) -> Fields:
    return tuple((field, _is_plain(field)) for field in fields)
