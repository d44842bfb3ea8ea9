"""The product's pages with one header more: how many statements PostgreSQL was sent for this answer."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from config.wsgi import application as product


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """An answer is complete when it starts: the session is saved, the transaction committed."""
    asked = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*arguments)

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("X-Statements", str(asked))], *more)

    with connection.execute_wrapper(count):
        return product(environ, start)
