"""The backend that `DATABASES` names: Django's own, which asks the circuit before it takes a connection."""

from types import TracebackType
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg.errors import IdleInTransactionSessionTimeout
from psycopg_pool import PoolTimeout

from tenancy.postgresql import circuit


class EndedWhileIdle(DatabaseErrorWrapper):
    """A connection that PostgreSQL ended because our process stood still is a connection lost, like any other.

    psycopg files it among internal errors, which nobody tries again.
    """

    wrapper: "DatabaseWrapper"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, IdleInTransactionSessionTimeout):
            self.wrapper.errors_occurred = True
            raise OperationalError(*error.args).with_traceback(trace) from error
        super().__exit__(kind, error, trace)


class DatabaseWrapper(base.DatabaseWrapper):
    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return EndedWhileIdle(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if circuit.is_open():
            raise psycopg.OperationalError("PostgreSQL is away.")
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            circuit.suspect()
            raise
