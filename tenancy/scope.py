"""Which rows the running transaction may see. PostgreSQL's row-level security enforces it.

A scope is a transaction: `SET LOCAL` ends with it, so a pooled connection never carries one
person's scope to the next. Outside every scope a tenant table has no rows at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from tenancy.trips import Row, Statement, ask


class Scope(NamedTuple):
    """What row-level security reads: a center's id, or "platform", or neither."""

    center: UUID | None = None
    platform: bool = False


NOWHERE = Scope()
_scope: ContextVar[Scope] = ContextVar("tenancy_scope", default=NOWHERE)


def current_center() -> UUID | None:
    """The center whose rows the running transaction sees, if any."""
    return _scope.get().center


@contextmanager
def in_center(center_id: UUID) -> Iterator[None]:
    """One transaction that sees the rows of this center alone."""
    with _within(Scope(center=center_id)):
        yield


@contextmanager
def in_center_asking(center_id: UUID, question: Statement) -> Iterator[list[Row]]:
    """`in_center` with the answer to its first question, whose function in the database begins the scope itself."""
    with _within(Scope(center=center_id), question) as answer:
        yield answer


@contextmanager
def in_platform() -> Iterator[None]:
    """One transaction that sees the platform's tables (jobs, keys, log, memberships, lines) of every center.

    Conversations have no platform policy: their rows stay invisible here.
    """
    with _within(Scope(platform=True)):
        yield


def release_connection() -> None:
    """Give the connection back to the pool before slow work; whoever asks next takes one. Nothing, in a transaction."""
    if not connection.in_atomic_block:
        connection.close()


@contextmanager
def _within(scope: Scope, question: Statement | None = None) -> Iterator[list[Row]]:
    outer = _scope.get()
    if scope == outer and connection.in_atomic_block:
        with transaction.atomic(savepoint=False):
            yield ask(question) if question else []
        return
    is_nested = connection.in_atomic_block
    token = _scope.set(scope)
    try:
        with transaction.atomic():
            yield ask(question) if question else _tell_postgresql(scope)
            if is_nested and not connection.needs_rollback:
                _tell_postgresql(outer)
    finally:
        _scope.reset(token)


def _tell_postgresql(scope: Scope) -> list[Row]:
    center = str(scope.center) if scope.center else ""
    platform = "platform" if scope.platform else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('quietline.center', %s, true), set_config('quietline.scope', %s, true)",
            [center, platform],
        )
    return []
