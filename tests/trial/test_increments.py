"""A trial makes increments by itself, once there is a key to seal them to."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.trial.conftest import Start
from tests.trial.test_supervisor import manage

Begin = Callable[..., Start]


def finished(data: Path) -> list[Path]:
    return sorted((data / "backups" / "data").glob("*/manifest"))


def said(data: Path) -> str:
    log = data / "logs" / "backup.log"
    return log.read_text() if log.exists() else ""


def until(condition: Callable[[], bool], patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)


def test_increments_begin_with_the_key_and_go_on_after_the_next_start(start: Begin, tmp_path: Path) -> None:
    data = tmp_path / "data"
    begun = start(data, "--no-demo")
    begun.until_ready()
    assert not finished(data), "there is no key to seal anything to"
    assert manage(data, "backup_key", "--private-to", str(tmp_path / "offline.key")).returncode == 0
    until(lambda: "A whole backup" in said(data))
    begun.process.terminate()
    assert begun.end() == 0
    begun.until_gone()
    again = start(data, "--no-demo")
    again.until_ready()
    until(lambda: "changed rows" in said(data))
    first, second = (file.read_text() for file in finished(data))
    assert '"follows": null' in first
    assert '"follows": {' in second
    again.process.terminate()
    assert again.end() == 0
