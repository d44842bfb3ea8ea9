"""A connection that waits for an answer only so long: a stopped server still keeps its sockets open."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

from django.conf import settings
from psycopg import Connection, OperationalError
from psycopg.errors import DiskFull
from psycopg.pq import ConnStatus, TransactionStatus

from tenancy.postgresql import circuit

_unhurried: ContextVar[bool] = ContextVar("unhurried", default=False)


class ImpatientConnection(Connection[Any]):
    """Ends itself where the server has said nothing for `DATABASE_PATIENCE` seconds.

    The server's own `statement_timeout` comes first, so only a server that hangs gets this far.
    """

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None or _unhurried.get():
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, settings.DATABASE_PATIENCE)
        except DiskFull:
            circuit.note_full()
            raise
        except OperationalError as problem:
            if self.pgconn.status == ConnStatus.BAD:
                circuit.suspect()
            elif problem.sqlstate is None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self._give_up()
            raise

    def _give_up(self) -> NoReturn:
        """The server said nothing, and its answer is still awaited: the patience is over."""
        self.pgconn.finish()
        circuit.open_at_once()
        raise OperationalError("PostgreSQL has not answered in time.") from None


@contextmanager
def unhurried() -> Iterator[None]:
    """For the few questions that may take as long as they need, in commands and jobs."""
    token = _unhurried.set(True)
    try:
        yield
    finally:
        _unhurried.reset(token)
