"""Thousands try to sign in at once; who is known, and who has a passkey, hardly notices (issue: within a second)."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import count
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from simulate.stack import Stack, running
from tests.authenticator import Authenticator
from trial.welcome import code_of

LASTS, CLIENTS = 15, 8  # seconds, and how many try at the same time
# Seconds; on a machine that is busy with other things, so many times what it takes there without a flood.
WITHIN, SLOWER = 1.0, 10
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running() as stack:
        yield stack


@dataclass
class Desk:
    """A browser without a screen, at an address of its own: this machine is all of 127.0.0.0/8."""

    stack: Stack
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str]:
        """The status and the page. The token of a form is the secret in its cookie, which changes at sign-in."""
        port = urlsplit(self.stack.url).port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(self.address, 0))
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Host": f"localhost:{port}", "Cookie": cookie, "Content-Type": FORM, "Connection": "close"}
        body = urlencode({**fields, "csrfmiddlewaretoken": self.cookies.get("csrf", "")}) if method == "POST" else None
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: one.value for name, one in SimpleCookie(header).items()}
        return answer.status, page

    def password(self, email: str, password: str) -> int:
        return self.ask("POST", "/sign-in/", email=email, password=password)[0]


def _signed_in(stack: Stack, address: str) -> tuple[Desk, dict[str, Any], Authenticator]:
    """The admin at her desk, with a passkey that she has just added."""
    person = next(one for one in stack.demo["people"] if one["role"] == "admin")
    desk = Desk(stack, address)
    desk.ask("GET", "/sign-in/")
    assert desk.password(person["email"], stack.demo["password"]) == 302
    desk.ask("GET", "/sign-in/code/")
    assert desk.ask("POST", "/sign-in/code/", code=code_of(person["authenticator_key"]))[0] == 302
    desk.ask("GET", "/settings/passkeys/")
    key = Authenticator(origin=f"http://localhost:{urlsplit(stack.url).port}", host="localhost", counter=None)
    asked = json.loads(desk.ask("POST", "/settings/passkeys/options/")[1])
    assert desk.ask("POST", "/settings/passkeys/", name="phone", credential=key.make(asked))[0] == 302
    return desk, person, key


def _took(act: Callable[[], int], wanted: int) -> float:
    began = time.monotonic()
    assert act() == wanted
    return time.monotonic() - began


def test_ten_thousand_tries_a_minute_keep_nobody_who_is_known_from_signing_in(stack: Stack) -> None:
    open_desk, person, key = _signed_in(stack, "127.0.0.7")
    known = Desk(stack, "127.0.0.7", {"device": open_desk.cookies["device"]})
    stranger_with_key = Desk(stack, "127.0.0.8")
    for desk in (known, stranger_with_key):
        desk.ask("GET", "/sign-in/")

    def by_password() -> int:
        return known.password(person["email"], stack.demo["password"])

    def by_passkey() -> int:
        asked = json.loads(stranger_with_key.ask("POST", "/sign-in/passkey/options/")[1])
        return stranger_with_key.ask("POST", "/sign-in/passkey/", credential=key.prove(asked))[0]

    def page() -> int:
        return open_desk.ask("GET", "/follow-ups/")[0]

    ways = {by_password: 302, by_passkey: 302, page: 200}
    quiet = {way: median(_took(way, wanted) for _ in range(3)) for way, wanted in ways.items()}
    answers: Counter[int] = Counter()
    numbers, ends = count(1), time.monotonic() + LASTS

    def attack(first: int) -> None:
        trying = Desk(stack, f"127.{first}.0.1")
        trying.ask("GET", "/sign-in/")
        while time.monotonic() < ends:
            number = next(numbers)
            trying.address = f"127.{first}.{number % 250}.{number // 250 % 250 + 1}"
            email = person["email"] if number % 3 == 0 else f"person{number % 500}@example.org"
            answers[trying.password(email, f"a guess of a password {number}")] += 1

    took: dict[Callable[[], int], list[float]] = {way: [] for way in ways}
    with ThreadPoolExecutor(CLIENTS) as many:
        attacks = [many.submit(attack, 20 + number) for number in range(CLIENTS)]
        time.sleep(1)
        while time.monotonic() < ends - 1:
            for way, wanted in ways.items():
                took[way].append(_took(way, wanted))
        for one in attacks:
            one.result()
    assert set(answers) <= {403, 429, 503}, answers
    assert answers[403] and answers.total() > 5 * CLIENTS, f"it must be a flood, or this proves nothing: {answers}"
    for way in ways:
        assert median(took[way]) < max(WITHIN, SLOWER * quiet[way]), (way.__name__, took[way], quiet[way], answers)
