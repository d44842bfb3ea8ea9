import os
import threading
from collections.abc import Callable

import pytest

from encryption import cache as module
from encryption.cache import LARGEST, LIFETIME, KeyCache, Tombstone
from encryption.envelope import DataKey
from tests.encryption.places import KEY


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, Callable[[], None]]]:
    """Timers that the test fires itself."""
    begun: list[tuple[float, Callable[[], None]]] = []

    class Timer:
        daemon = False

        def __init__(self, delay: float, function: Callable[[], None]) -> None:
            self.begun = delay, function

        def start(self) -> None:
            assert self.daemon, "a thread that sweeps must not keep the process alive"
            begun.append(self.begun)

    monkeypatch.setattr(module.threading, "Timer", Timer)
    return begun


def test_a_key_is_kept_for_a_minute_however_often_it_is_used(clock: Clock, timers: object) -> None:
    cache = KeyCache(clock)
    cache.put("name", KEY)
    for _ in range(59):
        clock.now += 1
        assert cache.get("name") == KEY
    clock.now += 1
    assert cache.get("name") is None


def test_an_idle_process_drops_its_keys_by_itself(clock: Clock, timers: list[tuple[float, Callable[[], None]]]) -> None:
    cache = KeyCache(clock)
    cache.put("early", KEY)
    clock.now += 50
    cache.put("late", KEY)
    assert len(timers) == 1

    clock.now += 10
    timers[0][1]()
    assert len(cache) == 1, "only the early one was due"
    assert timers[1][0] == pytest.approx(LIFETIME - 10)
    clock.now += 50
    timers[1][1]()
    assert len(cache) == 0
    assert len(timers) == 2, "nothing is left to sweep"

    cache.put("again", KEY)
    assert len(timers) == 3


def test_the_cache_has_a_largest_size_and_drops_the_oldest(clock: Clock, timers: object) -> None:
    cache = KeyCache(clock)
    for number in range(LARGEST + 5):
        cache.put(number, KEY)
    assert len(cache) == LARGEST
    assert cache.get(4) is None
    assert cache.get(5) == KEY


def test_a_forgotten_key_is_gone_under_every_name(clock: Clock, timers: object) -> None:
    cache = KeyCache(clock)
    other = DataKey(b"another!", bytes(32))
    cache.put(KEY.kid, KEY)
    cache.put(("center", "rest"), KEY)
    cache.put("other", other)
    cache.forget(KEY.kid)
    assert len(cache) == 1
    assert cache.get("other") == other


def test_a_tombstone_is_kept_like_a_key(clock: Clock, timers: object) -> None:
    cache = KeyCache(clock)
    cache.put(KEY.kid, Tombstone(KEY.kid))
    assert cache.get(KEY.kid) == Tombstone(KEY.kid)


def test_a_forked_process_begins_with_no_key() -> None:
    module.KEYS.put("name", KEY)
    child = os.fork()
    if child == 0:
        os._exit(len(module.KEYS))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(module.KEYS) == 1


def test_many_threads_leave_the_cache_whole(clock: Clock, timers: object) -> None:
    cache = KeyCache(clock)

    def work(worker: int) -> None:
        for number in range(500):
            cache.put((worker, number), DataKey(os.urandom(8), bytes(32)))
            cache.get((worker - 1, number))
            cache.forget(b"nobody's")

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache) == 8 * 500
