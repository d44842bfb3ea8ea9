"""Durable work: done once, tried again, given up in the open. With real commits and real threads."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.utils import timezone

from jobs import health, registry
from jobs.models import Job
from jobs.queue import enqueue
from jobs.registry import Backoff, handles
from jobs.runner import forget_done, run_due
from tenancy.ids import uuid7
from tenancy.scope import in_platform
from tests.databases import Database

pytestmark = pytest.mark.usefixtures("fresh_database")
done: "Counter[UUID]" = Counter()
given_up: list[UUID] = []
lock = threading.Lock()


class Hiccup(Exception):
    """Passes by itself."""


@pytest.fixture(autouse=True)
def _kinds_of_this_test() -> Iterator[None]:
    before = dict(registry._registered)
    done.clear()
    given_up.clear()

    @handles("test.count")
    def count(job: Job) -> None:
        with lock:
            done[job.subject_id] += 1

    @handles("test.fail", tries=3, backoff=Backoff(first=0.001, most=0.001), on=(Hiccup,), dead=_bury)
    def fail(job: Job) -> None:
        raise Hiccup("with a secret inside")

    @handles("test.break", tries=5, on=(Hiccup,), dead=_bury)
    def break_down(job: Job) -> None:
        raise ValueError("with a secret inside")

    yield
    registry._registered.clear()
    registry._registered.update(before)


def _bury(job: Job) -> None:
    given_up.append(job.subject_id)


def _add(kind: str, count: int = 1, **more: object) -> list[UUID]:
    subjects = [uuid7() for _ in range(count)]
    with in_platform():
        for subject in subjects:
            enqueue(kind, subject, center=None, **more)  # type: ignore[arg-type]
    return subjects


def _only() -> Job:
    with in_platform():
        return Job.objects.get()


def test_many_workers_do_each_of_many_jobs_once() -> None:
    subjects = _add("test.count", 600)

    def work(_: int) -> None:
        try:
            while run_due(limit=50):
                pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert done == Counter(subjects)


def test_work_of_the_future_waits() -> None:
    _add("test.count", run_at=timezone.now() + timedelta(minutes=1))
    assert run_due() == 0
    assert health.depth() == 0


def test_a_leased_job_is_left_alone_until_its_lease_is_over() -> None:
    _add("test.count")
    with in_platform():
        Job.objects.update(lease_until=timezone.now() + timedelta(seconds=60))
    assert run_due() == 0
    with in_platform():
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert run_due() == 1


def test_what_fails_is_tried_again_and_then_given_up_once_in_the_open() -> None:
    (subject,) = _add("test.fail")
    for _ in range(6):
        run_due()
        with in_platform():
            Job.objects.update(run_at=timezone.now())
    job = _only()
    assert (job.attempts, job.last_error, given_up) == (3, "Hiccup", [subject])
    assert job.dead_at is not None
    assert health.dead_count() == 1


def test_an_error_nobody_expected_is_given_up_at_once_and_its_words_are_kept_nowhere() -> None:
    (subject,) = _add("test.break")
    run_due()
    assert given_up == [subject]
    assert "secret" not in repr(_only().__dict__)


def test_a_job_that_kills_its_worker_ends_too() -> None:
    (subject,) = _add("test.fail")
    with in_platform():
        Job.objects.update(attempts=3, lease_until=timezone.now() - timedelta(seconds=1))
    run_due()
    assert given_up == [subject]


def test_work_of_a_kind_that_nobody_does_is_given_up() -> None:
    _add("test.unknown")
    run_due()
    assert _only().last_error == "NoHandler"


def test_work_with_one_key_is_added_once_however_many_ask_at_once() -> None:
    subject = uuid7()

    def ask(_: int) -> UUID:
        try:
            with in_platform():
                return enqueue("test.count", subject, center=None, dedupe="the same").pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(ask, range(12)))) == 1
    assert _only().dedupe_key == "the same"


def test_work_of_a_change_that_was_undone_does_not_exist() -> None:
    with in_platform(), pytest.raises(Hiccup), transaction.atomic():
        enqueue("test.count", uuid7(), center=None)
        raise Hiccup
    assert run_due() == 0


def test_what_was_done_long_ago_is_forgotten_and_the_rest_is_kept() -> None:
    _add("test.count", 2)
    run_due()
    with in_platform():
        old = Job.objects.all()[0]
        Job.objects.filter(pk=old.pk).update(done_at=timezone.now() - timedelta(days=8))
    assert forget_done() == 1
    assert _only().pk != old.pk


def test_the_oldest_due_job_tells_for_how_long_it_waits() -> None:
    _add("test.count", run_at=timezone.now() - timedelta(seconds=90))
    assert 89 < health.oldest_due_seconds() < 100
    run_due()
    assert health.oldest_due_seconds() == 0


def test_claiming_looks_at_waiting_rows_alone(fresh_database: Database) -> None:
    import psycopg

    with psycopg.connect(fresh_database.dsn_superuser, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO jobs_job (id, kind, subject_id, run_at, attempts, done_at, last_error, created_at)"
            " SELECT gen_random_uuid(), 'test.count', gen_random_uuid(), now(), 1, now(), '', now()"
            " FROM generate_series(1, 20000)"
        )
        connection.execute("ANALYZE jobs_job")
        plan = connection.execute(
            "EXPLAIN SELECT * FROM jobs_job WHERE done_at IS NULL AND dead_at IS NULL"
            " AND (lease_until IS NULL OR lease_until < now()) AND run_at <= now() ORDER BY run_at LIMIT 1"
        ).fetchall()
    assert "job_due" in str(plan)


@pytest.mark.parametrize(("renewed", "times"), [(True, 1), (False, 2)])
def test_a_job_that_takes_long_stays_with_its_worker_because_its_lease_is_renewed(
    monkeypatch: pytest.MonkeyPatch, renewed: bool, times: int
) -> None:
    monkeypatch.setattr("jobs.runner.LEASE", timedelta(seconds=0.6))
    monkeypatch.setattr("jobs.runner.RENEW_AFTER", 0.1 if renewed else 60)
    begun = threading.Event()

    @handles("test.slow")
    def slow(job: Job) -> None:
        with lock:
            done[job.subject_id] += 1
        if not begun.is_set():
            begun.set()
            time.sleep(2)

    subject = uuid7()
    with in_platform():
        enqueue("test.slow", subject, center=None)
    with ThreadPoolExecutor(1) as worker:
        first = worker.submit(_run_and_close)
        assert begun.wait(5)
        time.sleep(1)
        run_due()
        first.result()
    assert done[subject] == times


def _run_and_close() -> None:
    run_due()
    connections.close_all()
