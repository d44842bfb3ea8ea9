"""What the product does behind an answer: exceptions nobody caught, tracebacks in its log, rows that it wrote."""

import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import got_request_exception
from django.db import connection

WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


class Watch:
    """Collects until it is asked to begin anew."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.raised: list[str] = []
        self.logged: list[str] = []
        self.written: set[str] = set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Stand beside the product's log, its signal of exceptions, and its connection to the database."""
        handler = _Handler(self)
        logging.getLogger().addHandler(handler)
        got_request_exception.connect(self._on_exception)
        try:
            with connection.execute_wrapper(self._on_statement):
                yield
        finally:
            got_request_exception.disconnect(self._on_exception)
            logging.getLogger().removeHandler(handler)

    def _on_exception(self, **_kwargs: Any) -> None:
        self.raised.append(where())

    def _on_statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITE.match(sql):
            self.written.add(found.group(1))
        return execute(sql, params, many, context)


class _Handler(logging.Handler):
    """Sees what the product's own handler sees: a traceback is one however it is written down."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        said = record.msg if isinstance(record.msg, dict) else {}
        if record.exc_info or "frames" in said or record.levelno >= logging.ERROR:
            event = said.get("event", str(record.msg)[:80])
            self._watch.logged.append(f"{record.name}: {event} {said.get('error', '')}".strip())


def where(error: BaseException | None = None) -> str:
    """The class of an exception and our last function on its way: failures of one cause look alike."""
    error = error or sys.exception()
    if error is None:
        return "unknown"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename and "/lib/python" not in frame.filename]
    last = (ours or frames)[-1] if frames else None
    place = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}:{last.name}" if last else "?"
    inner = f" in {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].name}" if frames else ""
    return f"{type(error).__name__} at {place}{inner}"
