"""A person's browser without a browser: it has signed in with both factors and asks over one kept connection."""

import html
import time
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from simulate.stack import Stack
from trial.welcome import STEP, code_of

TRIES = 3  # a code works once: a person who signed in a moment ago waits for the next


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    milliseconds: float
    headers: Message


class Browser:
    """Everything that one person asks of the pages at `port`."""

    def __init__(self, stack: Stack, port: int, session: str = "") -> None:
        self.cookies = {"session": session} if session else {}
        self._origin, self._connection = stack.state.address, HTTPConnection("127.0.0.1", port, timeout=30)

    @classmethod
    def of(cls, stack: Stack, port: int, person: dict[str, Any]) -> Self:
        """Somebody of the demo, who signs in now."""
        browser = cls(stack, port)
        browser.get("/sign-in/")
        browser.post("/sign-in/", email=person["email"], password=stack.demo["password"])
        browser._pass_second_factor(person["authenticator_key"])
        return browser

    def _pass_second_factor(self, key: str) -> None:
        for attempt in range(TRIES):
            if self.post("/sign-in/code/", code=code_of(key)).status == 302:
                return
            if attempt < TRIES - 1:
                time.sleep(STEP - time.time() % STEP)
        raise RuntimeError("Somebody could not sign in.")

    def on(self, port: int) -> Self:
        """The same person at another server of the same stack."""
        other = copy(self)
        other._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        return other

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, headers: Mapping[str, str] | None = None, /, **content: str) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._origin}
        token = {"X-CSRFToken": self.cookies.get("csrf", "")}
        return self._ask("POST", path, urlencode(content), {**form, **token, **(headers or {})})

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        everything = {"Host": urlsplit(self._origin).netloc, "Cookie": said, **headers}
        began = time.perf_counter()
        try:
            response = self._answered(method, path, body, everything)
        except ConnectionError:  # it was kept for longer than the server keeps it
            self._connection.close()
            response = self._answered(method, path, body, everything)
        content = response.read()
        took = (time.perf_counter() - began) * 1000
        for kept in response.headers.get_all("Set-Cookie") or []:
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(kept).items()})
        return Answer(response.status, html.unescape(content.decode()), took, response.headers)

    def _answered(self, *request: Any) -> HTTPResponse:
        self._connection.request(*request)
        return self._connection.getresponse()
