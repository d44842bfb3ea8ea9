"""The twin as it is started: one process, one line when ready, gone within two seconds."""

import asyncio
import contextlib
import json
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.twin.conftest import LINE, MAYA, config_for
from twin.config import read_config
from twin.server import QuietFormatter
from twin.world import World

ROOT = Path(__file__).parents[2]
MARKER, MARKED_NUMBER = "marker-of-a-secret-text", "+16145550188"


class Running:
    """One twin process, its address, and what it logged."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "twin", "--port", "0", *arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().removeprefix("ready ").strip()

    def stop(self, how: int = signal.SIGTERM) -> tuple[int, float, str]:
        """End it; return the exit code, the seconds it took, and its log."""
        start = time.monotonic()
        self.process.send_signal(how)
        _, log = self.process.communicate(timeout=10)
        return self.process.returncode, time.monotonic() - start, log


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    file = tmp_path / "twin.json"
    file.write_text(json.dumps(config_for("http://127.0.0.1:9")))
    return file


@pytest.fixture
def running(config_file: Path, tmp_path: Path) -> Iterator[Running]:
    twin = Running("--config", str(config_file), "--state", str(tmp_path / "state"))
    yield twin
    if twin.process.poll() is None:
        twin.process.kill()
        twin.process.communicate()


def text_in(twin: Running, body: str, person: str = MAYA) -> None:
    data = {"from": person, "to": LINE, "body": body}
    assert requests.post(twin.url + "/twin/send", json=data, timeout=10).status_code == 200


def test_it_says_when_it_is_ready_and_stops_within_two_seconds(running: Running) -> None:
    assert requests.get(running.url + "/twin/health", timeout=5).json() == {"ok": True}
    page = requests.get(running.url + "/twin/events", stream=True, timeout=5)
    requests.post(running.url + "/twin/faults", json={"kind": "hang"}, timeout=5)
    with pytest.raises(requests.ReadTimeout):
        requests.get(running.url + "/2010-04-01/Accounts/AC/Messages.json", timeout=0.2)
    code, seconds, _ = running.stop()
    page.close()
    assert code == 0
    assert seconds < 2


def test_killed_at_any_moment_it_has_lost_nothing(config_file: Path, tmp_path: Path) -> None:
    state = ("--config", str(config_file), "--state", str(tmp_path / "state"))
    first = Running(*state)
    for n in range(5):
        text_in(first, f"text {n}")
    first.stop(signal.SIGKILL)
    second = Running(*state)
    ledger = requests.get(second.url + "/twin/ledger", timeout=5).json()
    second.stop()
    assert [row["body"] for row in ledger["messages"]] == [f"text {n}" for n in range(5)]


def test_the_log_holds_no_words_and_no_numbers(running: Running) -> None:
    text_in(running, MARKER, MARKED_NUMBER)
    requests.post(running.url + "/twin/send", json={"to": MARKED_NUMBER, "body": MARKER}, timeout=5)
    requests.get(f"{running.url}/v2/PhoneNumbers/{MARKED_NUMBER}", timeout=5)
    requests.post(running.url + "/twin/send", json={"from": [MARKER], "to": LINE, "media": [MARKER]}, timeout=5)
    requests.get(running.url + "/twin/events", stream=True, timeout=5).close()
    text_in(running, "after the page was closed")
    _, _, log = running.stop()
    assert "Error" not in log
    assert "stopping" in log, "the log must be there, or this proves nothing"
    assert MARKER not in log
    assert "6145550188" not in log


def test_an_error_is_logged_by_its_kind_and_place_alone() -> None:
    try:
        raise ValueError(MARKER)
    except ValueError as error:
        record = logging.LogRecord(
            "twin", logging.ERROR, "", 0, "failed", None, (ValueError, error, error.__traceback__)
        )
    line = QuietFormatter("%(message)s").format(record)
    assert "ValueError at" in line
    assert "test_process.py" in line
    assert MARKER not in line


async def test_work_in_the_background_that_fails_is_logged_without_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise KeyError(MARKER)

    world = World(read_config({}))
    with contextlib.suppress(KeyError):
        await world.spawn(fail())
    await asyncio.sleep(0)
    lines = [QuietFormatter("%(message)s").format(record) for record in caplog.records]
    assert any("KeyError at" in line for line in lines)
    assert MARKER not in "".join(lines)


@pytest.mark.parametrize("content", ["{", '{"acounts": []}', None])
def test_a_configuration_that_cannot_be_used_ends_with_one_sentence(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "twin.json"
    if content:
        file.write_text(content)
    done = subprocess.run(
        [sys.executable, "-m", "twin", "--config", str(file)], cwd=ROOT, capture_output=True, text=True, timeout=10
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_taken_port_ends_with_one_sentence(config_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "twin", "--config", str(config_file), "--port", port],
            cwd=ROOT, capture_output=True, text=True, timeout=10,
        )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_it_knows_nothing_of_the_product() -> None:
    program = "import sys, twin.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=20)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "twin" in loaded
    assert not loaded & {"django", "config", "messaging", "accounts", "audit", "encryption", "jobs", "twilio"}
