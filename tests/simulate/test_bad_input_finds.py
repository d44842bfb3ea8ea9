"""The simulation of bad input is shown to find what it is for: holes are planted, and it names them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import set_urlconf
from pytest_django import Settings

from accounts.roles import NEEDS, Permission
from simulate.bad.cases import Case, make
from simulate.bad.doors import Door, all_doors
from simulate.bad.judge import HEADERS, LONGEST, OF_PAGES, PRESENT, judge
from simulate.bad.request import Answer, Request
from simulate.bad.runner import Runner
from simulate.bad.skeletons import POSTS, QUERIES, STAYS_SHUT
from simulate.bad.watch import Watch
from tests.simulate.planted import HOLES

pytestmark = pytest.mark.django_db
GOOD = {
    **HEADERS,
    **OF_PAGES,
    **dict.fromkeys(PRESENT, "x"),
    "content-security-policy": "x",
    "content-type": "text/html",
}


@pytest.fixture
def planted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The product with six more addresses, which nothing of the simulation knows."""
    for name in ("raises", "reflects", "logs", "writes", "leads-away"):
        monkeypatch.setitem(NEEDS, name, Permission.OWN_ACCOUNT)
    settings.ROOT_URLCONF = "tests.simulate.planted"
    all_doors.cache_clear()
    yield
    set_urlconf(None)
    all_doors.cache_clear()


@pytest.fixture
def runner() -> Iterator[Runner]:
    yield Runner(seed=7, number=0)
    for moment in (request_started, request_finished):  # it takes this away
        moment.connect(close_old_connections)


def found_by(runner: Runner, monkeypatch: pytest.MonkeyPatch, *names: str) -> str:
    """What 260 cases at these doors alone find."""
    chosen = tuple(door for door in all_doors() if door.name in names)
    monkeypatch.setattr("simulate.bad.cases.all_doors", lambda: chosen)
    monkeypatch.setattr("simulate.bad.cases.WEIGHTS", (1, 0, 0, 0) if chosen[0].is_webhook else (0, 1, 0, 0))
    monkeypatch.setattr("simulate.bad.cases.is_for_socket", lambda *_: False)
    with runner.watch.watching():
        runner._run_batch(list(range(260)))
    return "\n".join(runner.failures)


@pytest.mark.parametrize(
    ("hole", "words"),
    [
        ("raises", "raises: 500: ValueError at planted.py"),
        ("reflects", "reflects: markup was reflected"),
        ("logs", "logs: traceback in the log"),
        ("writes", "writes: GET wrote to messaging_conversation"),
        ("leads-away", "leads-away: redirected to somebody else"),
        ("takes-anything", "takes-anything: 200 although it is forged"),
    ],
)
def test_a_hole_behind_a_new_address_is_found(
    planted: None, runner: Runner, monkeypatch: pytest.MonkeyPatch, hole: str, words: str
) -> None:
    assert words in found_by(runner, monkeypatch, hole)


def test_a_door_that_asks_for_no_signature_is_found(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.webhooks.why_not", lambda *_: "")
    found = found_by(runner, monkeypatch, "hook-message")
    assert "hook-message: 200 although it is forged" in found
    assert "hook-message: 200 although it is another account" in found


def test_a_refusal_that_keeps_something_is_found(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    from messaging.models import Conversation

    monkeypatch.setattr("messaging.webhooks.note_refusal", lambda *_: Conversation.objects.update(waiting_since=None))
    assert "a refused webhook wrote to messaging_conversation" in found_by(runner, monkeypatch, "hook-status")


def test_what_is_sound_is_called_sound(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_by(runner, monkeypatch, "hook-message", "hook-voice") == ""


def answer(**changed: Any) -> Answer:
    given: dict[str, Any] = {"status": 200, "headers": dict(GOOD), "body": b"", "seconds": 0.1}
    headers = changed.pop("headers", {})
    given.update(changed)
    given["headers"].update(headers)
    return Answer(**given)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, []),
        ({"status": 500}, ["500: no exception"]),
        ({"status": 503}, ["503: no exception"]),
        ({"seconds": LONGEST + 0.1}, ["took longer than 2 s"]),
        ({"body": b"<p>36863"}, ["a template was run"]),
        ({"headers": {"x-zq7": "1"}}, ["a header was injected"]),
        ({"headers": {"x-frame-options": "SAMEORIGIN"}}, ["header x-frame-options is missing"]),
        ({"headers": {"cache-control": "public"}}, ["header cache-control is missing"]),
        ({"headers": {"location": "https://example.org/"}}, ["redirected to somebody else"]),
        ({"headers": {"location": "//example.org/"}}, ["redirected to somebody else"]),
        ({"headers": {"location": "/inbox/"}}, []),
    ],
)
def test_each_thing_that_counts_as_a_failure_is_one(wrong: dict[str, Any], words: list[str]) -> None:
    case = Case(1, "inbox", "naomi", Request("GET", "/"))
    assert judge(case, answer(**wrong), Watch()) == words


def test_a_case_can_be_made_again_from_its_seed(runner: Runner) -> None:
    def made(seed: int) -> list[str]:
        cases = [make(seed, number, runner.world) for number in range(300)]
        return [f"{case.door} {case.who} {case.kinds} {case.request.method} {case.request.body!r}" for case in cases]

    assert made(3) == made(3)
    assert made(3) != made(4)


def test_nothing_that_is_written_down_of_the_doors_is_out_of_date() -> None:
    names = {door.name for door in all_doors()}
    assert {*POSTS, *QUERIES, *STAYS_SHUT} <= names


def test_an_address_is_a_door_by_itself(planted: None) -> None:
    assert set(HOLES) <= {door.name for door in all_doors()}
    assert Door("x", "conversations/<uuid:pk>/draft/", is_open=False).path("7") == "/conversations/7/draft/"
