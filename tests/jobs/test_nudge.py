import time
from pathlib import Path

import pytest
from celery import current_app

from jobs import nudge
from jobs.queue import enqueue
from tenancy.ids import uuid7

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("config", "messaging", "accounts", "audit", "encryption", "tenancy", "trial", "twin")
TIMERS = ("eta=", "countdown=", ".retry(", ".delay(", "apply_async(")


def test_celery_holds_no_timer_and_is_called_from_one_place() -> None:
    found = [
        f"{path}: {word}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for word in TIMERS
        if word in path.read_text()
    ]
    assert found == []


def test_the_search_for_timers_finds_one() -> None:
    assert any(word in "task.apply_async(eta=soon)" for word in TIMERS)


def test_many_nudges_become_few(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: sent.append(name))
    for _ in range(200):
        nudge.nudge()
    time.sleep(0.3)
    assert 1 <= len(sent) <= 6
    assert set(sent) == {"jobs.run_due"}


@pytest.mark.django_db
def test_a_dead_broker_costs_the_request_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, **_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(current_app, "send_task", refuse)
    began = time.monotonic()
    enqueue("messaging.deliver", uuid7(), center=None)
    nudge.nudge()
    assert time.monotonic() - began < 0.5
