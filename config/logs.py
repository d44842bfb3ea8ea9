"""Logs in JSON that cannot tell: only known keys pass, and what looks personal is struck out.

An exception is logged as its class and the places it went through, never with its words.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

ALLOWED = {
    "timestamp", "level", "event", "logger", "request_id", "route", "method", "status", "milliseconds", "ignored",
    "kind", "job", "attempts", "error", "frames", "line", "message", "conversation", "center", "staff",
    "code", "reason", "count", "seconds", "seq", "size", "key", "row", "process", "check", "problem",
    "key_id", "row_id", "directive",
}  # fmt: skip
PERSONAL = [
    re.compile(r"\+?\d[\d\s().-]{7,}\d"),  # phone numbers
    re.compile(r"[^\s@]+@[^\s@]+"),  # addresses
    re.compile(r"\b(?:AC|SM|MM|CA|RE)[0-9a-f]{32}\b"),  # Twilio's ids
]
IDENTIFIER = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)$")
QUIET = ["twilio", "urllib3", "requests", "django.request", "django.security", "uvicorn.access"]

# A tick a second would fill the log with itself.
WARNINGS_ONLY = ["celery", "uvicorn.error", "kombu", "asyncio", "a2wsgi"]

Values = MutableMapping[str, Any]


def configure(_settings: dict[str, Any] | None = None) -> None:
    """Send everything, ours and the libraries', through one chain. Named by settings.LOGGING_CONFIG."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        only_frames,
        only_allowed,
        strike_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in WARNINGS_ONLY:
        logging.getLogger(name).setLevel(logging.WARNING)


def only_frames(_logger: Any, _method: str, values: Values) -> Values:
    """Replace an exception by its class and the functions it went through."""
    info = values.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        values["error"] = info[0].__name__
        values["frames"] = _frames(info[2])
    values.pop("stack_info", None)
    return values


def only_allowed(_logger: Any, _method: str, values: Values) -> Values:
    """Drop every key that nobody has allowed, and the arguments of a library's message."""
    record = values.get("_record")
    if record is not None:
        values["event"] = str(record.msg)  # the pattern alone: arguments may hold anything
    hidden = {key: values[key] for key in ("_record", "_from_structlog") if key in values}
    return {**{key: value for key, value in values.items() if key in ALLOWED}, **hidden}


def strike_personal(_logger: Any, _method: str, values: Values) -> Values:
    """Strike out what looks like a number, an address or an account, whatever key it came under."""
    for key, value in values.items():
        if isinstance(value, str) and not IDENTIFIER.match(value) and not MOMENT.match(value):
            values[key] = struck(value)
    return values


def struck(text: str) -> str:
    for pattern in PERSONAL:
        text = pattern.sub("[struck out]", text)
    return text


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in traceback.extract_tb(trace)[-12:]]
