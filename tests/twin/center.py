"""A stand-in for the center's server: keeps what it is posted, answers as it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator

Answer = Callable[["Heard"], web.StreamResponse | None]


@dataclass
class Heard:
    """One request that reached the center's server."""

    method: str
    path: str
    headers: dict[str, str]
    pairs: list[tuple[str, str]]
    raw: bytes

    @property
    def params(self) -> dict[str, str]:
        return dict(self.pairs)

    def is_signed(self, origin: str, token: str) -> bool:
        """Whether the official library accepts the signature."""
        signature = self.headers.get("X-Twilio-Signature", "")
        return bool(RequestValidator(token).validate(origin + self.path, self.params, signature))


@dataclass
class Center:
    """The server; `answers` maps a path without its query to what is answered there."""

    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    server: TestServer = field(init=False)

    def __post_init__(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = TestServer(app)

    @property
    def origin(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def url(self, path: str) -> str:
        return self.origin + path

    def at(self, path: str) -> list[Heard]:
        """Return what was posted to one path."""
        return [one for one in self.heard if one.path.partition("?")[0] == path]

    def says(self, path: str, twiml: str) -> None:
        """Answer a path with TwiML from now on."""
        self.answers[path] = lambda heard: self.twiml(twiml)

    @staticmethod
    def twiml(twiml: str) -> web.Response:
        return web.Response(text=twiml, content_type="text/xml")

    def fails(self, path: str, status: int) -> None:
        """Answer a path with a bare status from now on."""
        self.answers[path] = lambda heard: web.Response(status=status)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
        heard = Heard(request.method, request.raw_path, dict(request.headers), pairs, raw)
        self.heard.append(heard)
        answer = self.answers.get(request.path)
        response = answer(heard) if answer else None
        if response is None:
            return web.Response(text="<Response/>", content_type="text/xml")
        return response
