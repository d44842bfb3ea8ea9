"""Signing in over HTTP, each time in a browser that knows nobody: by passkey, and by password with a code."""

import json
import time
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Self
from urllib.parse import urlsplit

from argon2.low_level import Type, hash_secret_raw

from bench.browser import Answer, Browser
from bench.key import Key
from bench.serving import pages
from simulate.stack import Stack, running
from trial.welcome import STEP, code_of

ROUNDS = 100
GOAL_P95 = 50  # milliseconds, apart from Argon2
CHALLENGE, PASSKEY, PASSWORD, CODE = "passkey: challenge", "passkey: answer", "password", "code after it"
KINDS = (CHALLENGE, PASSKEY, PASSWORD, CODE)
STEPS = (-1, 0, 1)  # an authenticator's codes that are taken at one moment, each once


@dataclass(frozen=True)
class SignIn:
    """Milliseconds of each kind of request, its statements, and milliseconds of Argon2 by itself."""

    took: dict[str, list[float]]
    statements: dict[str, int]
    argon2: list[float]


class Person:
    """Somebody of the demo, a server, and a browser that is new each time but for the secret of its forms."""

    def __init__(self, stack: Stack, port: int, person: dict[str, Any]) -> None:
        self._stack, self._port, self._person = stack, port, person
        first = Browser(stack, port)
        first.get("/sign-in/")
        self._cookies = dict(first.cookies)

    def new_browser(self) -> Browser:
        browser = Browser(self._stack, self._port)
        browser.cookies = dict(self._cookies)
        return browser

    def on(self, port: int) -> Self:
        return type(self)(self._stack, port, self._person)

    def with_key(self) -> Key:
        """A passkey that she adds on her settings page."""
        desk = Browser.of(self._stack, self._port, self._person)
        key = Key(f"http://localhost:{urlsplit(self._stack.state.address).port}")
        asked = json.loads(desk.post("/settings/passkeys/options/").text)
        _wanted(desk.post("/settings/passkeys/", name="bench", credential=key.make(asked)))
        return key

    def by_passkey(self, key: Key) -> dict[str, Answer]:
        browser = self.new_browser()
        asked = browser.post("/sign-in/passkey/options/")
        answer = browser.post("/sign-in/passkey/", credential=key.prove(json.loads(asked.text)))
        return {CHALLENGE: asked, PASSKEY: _wanted(answer)}

    def by_password(self, browser: Browser) -> dict[str, Answer]:
        answer = browser.post("/sign-in/", email=self._person["email"], password=self._stack.demo["password"])
        return {PASSWORD: _wanted(answer)}

    def by_code(self, step: int) -> dict[str, Answer]:
        browser = self.new_browser()
        self.by_password(browser)
        code = code_of(self._person["authenticator_key"], time.time() + step * STEP)
        return {CODE: _wanted(browser.post("/sign-in/code/", code=code))}


def measure(*, rounds: int = ROUNDS) -> SignIn:
    with running() as stack, pages(stack) as port:
        return sign_in(stack, port, rounds)


def sign_in(stack: Stack, port: int, rounds: int) -> SignIn:
    """Sign in again and again, and once with every statement counted."""
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    first, *others = (Person(stack, port, person) for person in stack.demo["people"])
    key = first.with_key()
    first.by_passkey(key)
    for _ in range(rounds):
        _note(took, first.by_passkey(key), first.by_password(first.new_browser()))
    *most, last = others
    for person in most:
        _note(took, *(person.by_code(step) for step in STEPS))
    with pages(stack, "bench.counted:application", workers=1) as counted:
        first.on(counted).by_passkey(key)  # what every process asks once
        person = first.on(counted)
        answers = person.by_passkey(key) | person.by_password(person.new_browser()) | last.on(counted).by_code(0)
    statements = {kind: int(answer.headers["X-Statements"]) for kind, answer in answers.items()}
    return SignIn(took, statements, [_argon2() for _ in range(rounds)])


def table(found: SignIn) -> str:
    """As it stands in docs/performance.md."""
    alone = median(found.argon2)
    rows = [f"{'':20}{'p50':>9}{'p95':>12}   statements"]
    for kind, took in found.took.items():
        rows.append(f"{kind:20}{median(took):6.1f} ms{_p95(took):9.1f} ms   {found.statements[kind]:10}")
    rows.append(f"{'Argon2 by itself':20}{alone:6.1f} ms{_p95(found.argon2):9.1f} ms")
    rows.append(f"{'password without it':20}{median(found.took[PASSWORD]) - alone:6.1f} ms")
    rows.append(f"passkey, p95 of the answer {_p95(found.took[PASSKEY]):.1f} ms   (goal {GOAL_P95} ms)")
    return "\n".join(rows)


def _argon2() -> float:
    """The parameters of `accounts.hashers`, in a process that does nothing else."""
    began = time.perf_counter()
    hash_secret_raw(b"p" * 20, b"s" * 16, 1, 47_104, 1, 32, Type.ID)
    return (time.perf_counter() - began) * 1000


def _note(took: dict[str, list[float]], *answers: dict[str, Answer]) -> None:
    for kind, answer in (pair for one in answers for pair in one.items()):
        took[kind].append(answer.milliseconds)


def _wanted(answer: Answer) -> Answer:
    if answer.status != 302:
        raise RuntimeError(f"Signing in was answered with {answer.status}.")
    return answer


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]
