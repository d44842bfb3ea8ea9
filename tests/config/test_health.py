import re
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import Center, Membership
from audit.tree_status import TreeStatus
from backup.models import Standing
from config import modes
from jobs.models import Job
from jobs.queue import enqueue
from tenancy.postgresql import circuit
from tenancy.scope import in_platform
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


def modes_now() -> list[str]:
    modes.forget()
    answer = browser().get("/health/modes", secure=True)
    assert answer.status_code == 200
    named: list[str] = answer.json()["modes"]
    return named


@pytest.fixture
def late(center: Center) -> Job:
    with in_platform():
        return enqueue("nothing", uuid4(), center=center.pk, run_at=timezone.now() - timedelta(seconds=31))


def test_while_all_is_well_no_mode_holds() -> None:
    assert modes_now() == []
    assert browser().get("/health/modes/sending_paused", secure=True).status_code == 200


def test_late_work_is_a_mode_with_a_name_and_a_status_of_its_own(late: Job) -> None:
    assert modes_now() == ["sending_paused"]
    answer = browser().get("/health/modes/sending_paused", secure=True)
    assert (answer.status_code, answer.json()) == (503, {"mode": "sending_paused", "holds": True})
    assert browser().get("/health/modes/live_updates_off", secure=True).status_code == 200
    with in_platform():
        Job.objects.filter(pk=late.pk).update(done_at=timezone.now())
    assert modes_now() == []


@pytest.mark.parametrize("problem", [OperationalError, InterfaceError])
def test_storage_that_is_away_is_said_without_asking_it(
    monkeypatch: pytest.MonkeyPatch, problem: type[Exception]
) -> None:
    def gone() -> None:
        raise problem

    monkeypatch.setattr(modes, "in_platform", gone)
    assert modes_now() == ["receiving_to_spool"]


@pytest.mark.parametrize("problem", [OperationalError, InterfaceError])
def test_without_its_database_it_is_not_ready(monkeypatch: pytest.MonkeyPatch, problem: type[Exception]) -> None:
    def gone(*_: object) -> None:
        raise problem

    monkeypatch.setattr(connection, "cursor", gone)
    answer = browser().get("/health/ready", secure=True)
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_a_full_disk_is_heard_from_postgresql_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "_refused_at", -circuit.FULL_FOR)
    with connection.cursor() as cursor, pytest.raises(OperationalError), transaction.atomic():
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$")
    assert modes_now() == ["read_only"]
    monkeypatch.setattr(modes.spool, "count", lambda: 1)
    assert modes_now() == ["read_only"], "texts wait in the spool then, but storage can be reached"
    monkeypatch.setattr(modes.spool, "count", lambda: 0)
    monkeypatch.setattr(circuit, "_refused_at", time.monotonic() - circuit.FULL_FOR)
    assert modes_now() == []


def test_a_log_that_stands_still_is_a_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = TreeStatus(size=1, last_checkpoint_at=None, waiting=1, lag_seconds=901)
    monkeypatch.setattr(modes, "tree_status", lambda: stopped)
    assert modes_now() == ["log_standing_still"]


def test_an_unknown_mode_is_an_address_that_does_not_exist() -> None:
    assert browser().get("/health/modes/everything", secure=True).status_code == 404


def test_one_look_serves_everybody_for_a_while(django_assert_num_queries: Any) -> None:
    modes_now()
    with django_assert_num_queries(0):
        browser().get("/health/modes", secure=True)


def test_every_page_of_staff_can_say_each_mode_and_asks_nothing_for_it(adina: Membership) -> None:
    page = signed_in(adina).get("/settings/").content.decode()
    for name in (*modes.NAMES, "unreachable"):
        assert f'data-mode="{name}" hidden' in page


def test_the_health_page_says_what_holds_and_what_to_do(adina: Membership, late: Job) -> None:
    page = signed_in(adina).get("/health/").content.decode()
    assert "whether the worker runs" in page
    assert "Look whether Valkey runs" not in page


def test_the_modes_speak_spanish_to_whoever_reads_it(adina: Membership) -> None:
    adina.staff.language = "es"
    adina.staff.save(update_fields=["language"])
    assert "Las novedades al instante no funcionan" in signed_in(adina).get("/settings/").content.decode()


def test_an_admin_reads_how_old_the_newest_backup_is_and_when_increments_have_stopped(adina: Membership) -> None:
    page = signed_in(adina)
    assert "there is none" in page.get("/health/").content.decode()
    now = timezone.now()
    standing = Standing.objects.create(whole_at=now - timedelta(hours=5), increment_at=now - timedelta(minutes=12))
    said = page.get("/health/").content.decode()
    assert re.search(r"Minutes since the newest backup</dt>\s*<dd>\s*12\s*</dd>", said)
    assert "in no backup yet" not in said
    standing.increment_at = now - timedelta(minutes=40)
    standing.save()
    assert "in no backup yet" in page.get("/health/").content.decode()
