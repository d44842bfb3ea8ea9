"""One request as bytes, handed to the product's own WSGI application in this process, and its answer."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

FORM = "application/x-www-form-urlencoded"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class Request:
    """What goes over the wire. `target` is the path and the query as they are sent."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def environ(self, origin: str, address: str) -> dict[str, Any]:
        """As a server hands it over (PEP 3333)."""
        path, _mark, query = self.target.partition("?")
        host = urlsplit(origin).hostname or ""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode("latin-1", "replace")).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.target,
            "SERVER_NAME": host,
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": address,
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(self.body),
            "wsgi.errors": BytesIO(),
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in {"Host": host, "Content-Length": str(len(self.body)), **self.headers}.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ


@dataclass
class Answer:
    """What came back, and after how long."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


def send(application: Application, request: Request, origin: str, address: str) -> Answer:
    """Ask the application. Whatever it raises goes through: no server would know what to do with it either."""
    told: list[Any] = []
    began = time.monotonic()
    content = application(request.environ(origin, address), lambda status, headers, *_: told.extend((status, headers)))
    try:
        body = b"".join(content)
    finally:
        close = getattr(content, "close", None)
        if close:
            close()
    seconds = time.monotonic() - began
    return Answer(int(told[0][:3]), {name.lower(): value for name, value in told[1]}, body, seconds)
