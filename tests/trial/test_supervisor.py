"""Whatever ends it, nothing stays behind, and the next start goes on."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trial.conftest import Start
from trial.environment import of_system
from trial.options import ROOT
from trial.probes import http_answers

Begin = Callable[..., Start]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all starts here; a killed start has left half a cluster in it."""
    folder = tmp_path_factory.mktemp("trial") / "data"
    (folder / "postgresql.new").mkdir(parents=True)
    (folder / "postgresql.new" / "PG_VERSION").touch()
    (folder / "lock").touch()
    return folder


def manage(data: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "trial.manage", "--data", str(data), *arguments]
    return subprocess.run(command, cwd=ROOT, env=of_system(), capture_output=True, text=True, timeout=60)


def test_a_first_start_serves_and_a_sigterm_leaves_nothing(start: Begin, data: Path) -> None:
    begun = start(data, "--no-demo")
    begun.until_ready()
    said = "".join(begun.said)
    assert said.count("\nready ") == 1
    assert f"ready http://127.0.0.1:{begun.port}\n" in said
    assert http_answers(begun.port, "/health/ready")
    assert begun.processes(), "there must be processes, or their end proves nothing"
    _refuses_a_second_start(start, data)
    _manages(data)
    _keeps_secrets_to_itself(data)

    asked = time.monotonic()
    begun.process.send_signal(signal.SIGTERM)
    assert begun.end(patience=10) == 0
    assert time.monotonic() - asked < 10
    assert not begun.processes()
    assert f"http://127.0.0.1:{begun.port}/invitation/" in "".join(begun.said)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", begun.port))


def _refuses_a_second_start(start: Begin, data: Path) -> None:
    second = start(data, "--no-demo")
    assert second.end() == 2
    assert "is in use by bin/up" in "".join(second.said)


def _manages(data: Path) -> None:
    answer = manage(data, "add_center", "Harbor House", "--json")
    assert set(json.loads(answer.stdout)) == {"center"}


def _keeps_secrets_to_itself(data: Path) -> None:
    for path in [data, *data.glob("*.json"), data / "root.key", data / "valkey" / "valkey.conf"]:
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path


def test_after_a_kill_everything_ends_and_the_next_start_goes_on(start: Begin, data: Path) -> None:
    killed = start(data, "--no-demo")
    killed.until_ready()
    killed.process.kill()
    killed.until_gone()
    (data / "postgresql" / "postmaster.pid").write_text(f"{os.getpid()}\n{data / 'postgresql'}\n")

    again = start(data, "--no-demo", port=killed.port)
    again.until_ready()
    assert manage(data, "add_staff", "x@example.org", "--center", "Harbor House", "--role", "admin").returncode == 0
    again.process.send_signal(signal.SIGINT)
    assert again.end(patience=10) == 0
    assert not again.processes()


def test_a_command_between_two_starts_brings_its_own_servers(data: Path) -> None:
    answer = manage(data, "add_center", "Harbor House", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["center"]
    failing = manage(data, "add_staff", "not an address", "--center", "Harbor House", "--role", "admin")
    assert failing.returncode == 1
