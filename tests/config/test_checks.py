import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import timezone

from audit.context import Actor, acting
from audit.events import Event
from audit.record import record
from backup.models import Standing
from config.checks import examine
from config.opening import begin_work, open_doors
from tenancy.postgresql import circuit
from tenancy.scope import in_platform

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent

WRONG = [
    ("SECRET_KEY", "short", "SECRET_KEY"),
    ("SECRET_KEY", "a" * 80, "SECRET_KEY"),
    ("PUBLIC_BASE_URL", "http://texts.example.org", "https"),
    ("PUBLIC_BASE_URL", "texts.example.org", "whole address"),
    ("ALLOWED_HOSTS", ["*"], "star"),
    ("VALKEY_URL", "redis://valkey.example.org:6379/0", "Valkey"),
]


def test_a_sound_installation_starts() -> None:
    open_doors()
    begin_work()


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_an_unsound_installation_does_not_start(settings: Any, name: str, value: object, said: str) -> None:
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=said):
        open_doors()
    with pytest.raises(SystemExit, match=said):
        begin_work()


@pytest.mark.parametrize(
    ("host", "is_warned"),
    [("192.0.2.7", True), ("2001:db8::7", True), ("texts.example.org", False), ("localhost", False)],
)
def test_an_address_that_no_passkey_can_belong_to_is_a_warning(settings: Any, host: str, is_warned: bool) -> None:
    settings.PASSKEY_HOST = host
    (found,) = (finding for finding in examine() if finding.check == "passkeys")
    assert bool(found.fix) is is_warned
    assert not found.is_red


@pytest.mark.parametrize("signal", [worker_init, beat_init])
def test_celery_does_not_go_on_where_an_installation_is_unsound(settings: Any, signal: Any) -> None:
    settings.SECRET_KEY = "short"
    with pytest.raises(SystemExit, match="SECRET_KEY"):
        signal.send(sender=None)


def test_web_waits_for_postgresql_and_keys_but_opens_with_nothing_else_unsound(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[object] = []
    monkeypatch.setattr(circuit, "hold", lambda until: held.append(until))
    open_doors()
    assert held == []
    settings.QUIETLINE_ROOT_KEYS = ""
    open_doors()
    assert len(held) == 1
    settings.SECRET_KEY = "short"
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        open_doors()


def test_another_address_for_twilio_is_for_trials_alone(settings: Any) -> None:
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:4010"
    assert not any(finding.is_red for finding in examine())
    settings.TRIAL = False
    assert any(finding.is_red and "TWILIO" in finding.fix for finding in examine())


def test_the_doctor_asks_for_a_backup_until_one_was_made(settings: Any) -> None:
    settings.TRIAL = False
    assert any(finding.check == "backups" and finding.is_warning and finding.fix for finding in examine())
    with in_platform(), acting(Actor.command("backup")):
        record(Event.BACKUP_MADE)
    assert not any(finding.check == "backups" and finding.fix for finding in examine())


def warned(check: str) -> str:
    (finding,) = [finding for finding in examine() if finding.check == check]
    assert not finding.is_red
    return finding.fix


def test_the_doctor_asks_for_increments_and_misses_them_when_they_stop(settings: Any) -> None:
    assert not warned("increments"), "a trial has nothing to lose"
    settings.TRIAL = False
    assert "No increments are made" in warned("increments")
    now = timezone.now()
    standing = Standing.objects.create(whole_at=now - timedelta(hours=3), increment_at=now - timedelta(minutes=14))
    assert not warned("increments")
    standing.increment_at = now - timedelta(minutes=16)
    standing.save()
    assert "16 minutes old" in warned("increments")
    standing.whole_at = now
    standing.save()
    assert not warned("increments"), "a whole backup is as good as an increment"


def test_the_doctor_warns_of_backups_that_this_server_could_delete(settings: Any) -> None:
    settings.TRIAL = False
    assert not warned("place of backups")
    Standing.objects.create(deletable_since=timezone.now())
    assert "can delete its own backups" in warned("place of backups")


def test_the_doctor_says_each_check_and_no_secret(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    call_command("doctor", "--json")
    said = capsys.readouterr().out
    assert all(not finding["red"] for finding in json.loads(said))
    assert settings.SECRET_KEY not in said
    settings.SECRET_KEY = "short"
    with pytest.raises(SystemExit):
        call_command("doctor")
    assert "RED" in capsys.readouterr().out


def test_the_import_contracts_can_fail(tmp_path: Path) -> None:
    for name in ("config", "messaging", "accounts", "audit", "encryption", "jobs", "tenancy", "twin", "trial"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    for name in (
        "urls",
        "hook_urls",
        "views",
        "webhooks",
        "consumers",
        "tasks",
        "receivers",
        "actions",
        "bell",
        "pictures",
        "presence",
        "scanner",
        "twilio",
        "models",
    ):
        (tmp_path / "messaging" / f"{name}.py").touch()
    for name in ("models", "actions", "views"):
        (tmp_path / "accounts" / f"{name}.py").touch()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (tmp_path / "encryption" / "__init__.py").write_text("import audit\n")
    (tmp_path / "messaging" / "models.py").write_text("import messaging.actions\n")
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "2 broken" in done.stdout
