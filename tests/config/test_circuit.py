"""A server that hangs holds nobody up, and a question that may take long is left alone."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings as configured
from django.db import OperationalError, connections
from psycopg.pq import ConnStatus
from pytest_django import Settings

from tenancy.postgresql import circuit
from tenancy.postgresql.waiting import ImpatientConnection, unhurried

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(settings: Settings) -> Iterator[ImpatientConnection]:
    settings.DATABASE_PATIENCE = 0.3
    parameters = connections["default"].get_connection_params()
    with ImpatientConnection.connect(**parameters) as link:
        yield link
    until_closed()


def until_closed() -> None:
    deadline = time.monotonic() + 10
    while circuit.is_open():
        assert time.monotonic() < deadline, "the server is there, so the circuit should have closed"
        time.sleep(0.02)


def test_a_connection_that_hears_nothing_ends_itself(link: ImpatientConnection) -> None:
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError):
        link.execute("SELECT pg_sleep(3)")
    assert time.monotonic() - began < 2
    assert link.pgconn.status == ConnStatus.BAD


def test_the_server_ends_a_statement_before_the_connection_loses_patience() -> None:
    limit = connections["default"].get_connection_params()["options"].split("statement_timeout=")[1].split()[0]
    assert int(limit) / 1000 < configured.DATABASE_PATIENCE < 5


def test_a_question_that_may_take_long_is_waited_for(link: ImpatientConnection) -> None:
    with unhurried():
        assert link.execute("SELECT 1 FROM pg_sleep(0.6)").fetchone() == (1,)


def test_while_the_circuit_is_open_no_one_waits_and_it_closes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "PAUSE", 0.05)
    answers: list[bool] = [False, False, True]
    monkeypatch.setattr(circuit, "_answers", lambda: answers.pop(0))
    circuit.open_at_once()
    assert circuit.is_open()
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError):
        connections["default"].get_new_connection({})
    assert time.monotonic() - began < 0.1
    until_closed()
    assert answers == []


def test_a_process_that_may_not_work_yet_stays_closed_although_the_server_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(circuit, "PAUSE", 0.05)
    sound = [False, False, True]
    circuit.hold(until=lambda: sound.pop(0))
    assert circuit.is_open()
    until_closed()
    assert sound == []


def test_one_lost_connection_stops_nobody_else(link: ImpatientConnection) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [link.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        link.execute("SELECT 1")
    for _ in range(20):
        assert not circuit.is_open()
        time.sleep(0.01)


def test_what_the_circuit_refuses_is_an_operational_error_for_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "is_open", lambda: True)
    away = connections.create_connection("default")
    with pytest.raises(OperationalError):
        away.ensure_connection()
