"""Worker and clock begin when all is sound, and wait for what comes back by itself."""

from typing import Any

import pytest
from django.db import connection

from config import opening
from config.opening import begin_work
from tests.databases import Database


def test_worker_and_clock_wait_for_the_root_key(
    fresh_database: Database, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, waited = settings.QUIETLINE_ROOT_KEYS, []

    def put_it_back(seconds: float) -> None:
        waited.append(seconds)
        settings.QUIETLINE_ROOT_KEYS = key

    settings.QUIETLINE_ROOT_KEYS = ""
    monkeypatch.setattr(opening.time, "sleep", put_it_back)
    begin_work()
    assert waited == [opening.LOOK_AGAIN_AFTER]


def test_worker_and_clock_find_the_database_again_after_their_connection_broke(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        assert len(waited) < 3, "it asks the broken connection for ever"

    monkeypatch.setattr(opening.time, "sleep", wait)
    connection.ensure_connection()
    connection.connection.close()
    begin_work()
    assert len(waited) == 1
