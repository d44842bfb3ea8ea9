import pytest
import redis

from accounts.models import Membership
from config.health import degraded_modes
from tests.doors import browser, signed_in

pytestmark = pytest.mark.django_db


def test_live_asks_nothing_of_anybody(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert browser().get("/health/live", secure=True).json() == {"live": True}


def test_ready_names_its_parts() -> None:
    answer = browser().get("/health/ready", secure=True)
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "database": True, "keys": True})


def test_without_its_keys_it_is_not_ready(settings: object) -> None:
    settings.QUIETLINE_ROOT_KEYS = ""  # type: ignore[attr-defined]
    answer = browser().get("/health/ready", secure=True)
    assert (answer.status_code, answer.json()["keys"]) == (503, False)


def test_an_admin_reads_that_live_updates_are_off(adina: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(redis.Redis, "ping", refuse)
    assert "Live updates are off" in signed_in(adina).get("/health/").content.decode()


def test_late_work_is_a_mode_with_a_name() -> None:
    assert degraded_modes(valkey=True, oldest=29) == []
    assert degraded_modes(valkey=True, oldest=31) == ["sending_paused"]
