"""The drill proves a backup on a copy, and finds what is wrong with one."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_django import Settings

from audit.events import Event
from audit.models import LogEntry
from backup import drilling
from backup.manifest import Manifest
from backup.parts import SUFFIX
from messaging.models import Message
from tenancy.scope import in_center, in_platform
from tests.backup.conftest import Back, House, Kept, resigned, run
from tests.cast import LINE_NUMBER, PHONE
from tests.twin_process import running_twin

DRILLS = "SELECT datname FROM pg_database WHERE datname LIKE 'quietline_drill_%'"


def drill(house: House, kept: Kept, *more: object) -> tuple[int, dict[str, Any]]:
    arguments = [*kept.places, "--private-key", house.private, "--json"]
    code, said = run("drill", *arguments, *(more or ["--without-twilio"]))
    return code, json.loads(said)


def failing(report: dict[str, Any]) -> list[str]:
    return [proof["name"] for proof in report["proofs"] if not proof["holds"]]


def said_of(report: dict[str, Any], name: str) -> str:
    (said,) = [proof["said"] for proof in report["proofs"] if proof["name"] == name]
    return str(said)


@pytest.fixture(autouse=True)
def _no_copy_is_left(house: House) -> Iterator[None]:
    yield
    with psycopg.connect(house.database.dsn_superuser) as connection:
        assert connection.execute(DRILLS).fetchall() == []


@contextmanager
def damaged(house: House, statement: str, mend: str) -> Iterator[None]:
    """Somebody with all rights changes the real database past every guard; afterwards it is mended."""
    with psycopg.connect(house.database.dsn_superuser, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement)
        try:
            yield
        finally:
            connection.execute(mend)


def test_a_drill_proves_a_kept_backup_and_says_so_in_the_log(house: House, kept: Kept) -> None:
    with psycopg.connect(house.database.dsn_owner, autocommit=True) as connection:
        connection.execute("CREATE DATABASE quietline_drill_of_one_that_was_killed")
    code, report = drill(house, kept)
    assert (code, report["holds"], failing(report)) == (0, True, [])
    assert [proof["name"] for proof in report["proofs"]] == ["row counts", "keys", "sealed values", "audit log"]
    halves = Manifest.read(kept.data, "data").tables, Manifest.read(kept.keys, "keys").tables
    assert report["rows"] == sum(sum(tables.values()) for tables in halves)
    with in_platform():
        entry = LogEntry.objects.filter(event=Event.DRILL_RUN).latest("timestamp")
    assert entry.facts["backup"] == report["backup"]
    assert entry.facts["ok"] is True


def test_a_drill_that_is_asked_to_end_leaves_no_copy(house: House, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drilling, "restore_tables", lambda *given: os.kill(os.getpid(), signal.SIGTERM))
    code, _ = run("drill", *kept.places, "--private-key", house.private)
    assert code == 128 + signal.SIGTERM


def test_two_drills_do_not_run_at_once(house: House, kept: Kept) -> None:
    with psycopg.connect(house.database.dsn_owner) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [drilling.LOCK])
        code, said = run("drill", *kept.places, "--private-key", house.private)
    assert (code, "Another drill" in said) == (2, True)


def test_a_drill_without_the_offline_key_uses_a_backup_of_this_moment_and_wants_twilio_to_answer(
    house: House, settings: Settings
) -> None:
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:1"
    code, said = run("drill", "--json")
    assert (code, failing(json.loads(said))) == (1, ["gap at Twilio"])


def test_a_drill_finds_a_damaged_value_and_an_entry_that_is_gone_from_the_log(house: House, back_up: Back) -> None:
    damage = (
        "UPDATE messaging_message SET body = set_byte(body, 90, get_byte(body, 90) # 1) WHERE sequence = 1;"
        "UPDATE messaging_attachment SET content = set_byte(content, 20000, get_byte(content, 20000) # 1)"
        " WHERE position = 4"
    )
    keep = "CREATE TABLE public.kept_entry AS SELECT * FROM audit_logentry WHERE event = 'line_added'"
    gone = f"{damage}; {keep}; DELETE FROM audit_logentry WHERE event = 'line_added'"
    back = f"{damage}; INSERT INTO audit_logentry OVERRIDING SYSTEM VALUE SELECT * FROM kept_entry"
    with damaged(house, gone, f"{back}; DROP TABLE kept_entry"):
        code, report = drill(house, back_up())
    assert (code, failing(report)) == (1, ["sealed values", "audit log"])
    said = said_of(report, "sealed values")
    assert "2 values do not open" in said
    assert "messaging.message.body of row" in said
    assert "messaging.attachment.content of row" in said
    assert "The entry is gone" in said_of(report, "audit log")


def test_a_drill_finds_a_row_whose_center_is_gone(house: House, back_up: Back) -> None:
    away = "UPDATE messaging_note SET center_id = '01900000-0000-7000-8000-000000000001'"
    with damaged(house, away, f"UPDATE messaging_note SET center_id = '{house.center.pk}'"):
        code, report = drill(house, back_up())
    assert (code, failing(report)) == (1, ["restored"])


def test_a_drill_finds_a_row_that_is_missing_and_a_log_that_was_forked(
    house: House, kept: Kept, tmp_path: Path
) -> None:
    manifest = Manifest.read(kept.data, "data")
    tables = {**manifest.tables, "messaging_note": manifest.tables["messaging_note"] + 1}
    assert manifest.checkpoint
    forked = resigned(kept, tmp_path, "data", tables=tables, checkpoint=manifest.checkpoint.replace("time 2", "time 1"))
    code, report = drill(house, forked)
    assert (code, failing(report)) == (1, ["row counts", "audit log"])


def test_a_drill_refuses_a_file_that_was_cut(house: House, kept: Kept, tmp_path: Path) -> None:
    short = resigned(kept, tmp_path, "data")
    file = short.data / f"data{SUFFIX}"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1])
    code, said = run("drill", *short.places, "--private-key", house.private)
    assert (code, "cut or added to" in said) == (2, True)


def test_the_gap_after_the_backup_is_filled_from_twilio_on_the_copy_alone(
    house: House, kept: Kept, settings: Settings
) -> None:
    with running_twin() as twin:
        settings.TWILIO_API_BASE_URL = twin.address
        twin.begin_anew()
        twin.ask("POST", "/twin/send", {"from": PHONE, "to": LINE_NUMBER, "body": "After the backup"})
        before = twin.ledger["messages"]
        with in_center(house.center.pk):
            held = Message.objects.count()
        code, report = drill(house, kept, "--json")
        assert (code, failing(report)) == (0, [])
        assert said_of(report, "gap at Twilio").startswith("1 texts and calls after the backup")
        assert twin.ledger["messages"] == before, "a drill only reads"
        with in_center(house.center.pk):
            assert Message.objects.count() == held
