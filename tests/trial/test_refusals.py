"""What cannot work says so in one sentence, and ends with 2."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trial.conftest import Start
from trial.environment import of_system
from trial.options import ROOT

Begin = Callable[..., Start]


def sentence_of(start: Start) -> str:
    """The one line of a start that was refused."""
    assert start.end() == 2, start.said
    said = "".join(start.said).strip()
    assert "\n" not in said, said
    return said


def test_a_taken_port(start: Begin, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = sentence_of(start(tmp_path / "data", port=port))
    assert said == f"Port {port} is taken by another program; choose another with --port."


def test_a_folder_that_cannot_be_made(start: Begin, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written" in sentence_of(start(tmp_path / "file" / "data"))


def test_a_folder_that_not_even_root_may_write(start: Begin) -> None:
    assert "cannot be written" in sentence_of(start(Path("/proc/quietline")))


def test_a_folder_of_somebody_elses_files_is_left_alone(start: Begin, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "diary.txt").touch()
    assert "holds other files" in sentence_of(start(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_data_without_its_root_key_is_never_given_a_new_one(start: Begin, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "postgresql").mkdir(parents=True)
    (data / "lock").touch()
    (data / "state.json").write_text("{}")
    assert "root.key is missing" in sentence_of(start(data))
    assert not (data / "root.key").exists()


@pytest.mark.parametrize("option", ["--port=0", "--port=x", "--public-url=example.org", "--twilio-api=ftp://x"])
def test_an_option_that_means_nothing(start: Begin, tmp_path: Path, option: str) -> None:
    begun = start(tmp_path / "data", option)
    assert begun.end() == 2
    assert not (tmp_path / "data").exists()


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    run = subprocess.run([ROOT / "bin/up"], env={**of_system(), "PYTHON": str(old)}, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.strip() == f"{old} is not Python 3.11 or newer; set PYTHON to one that is."


def test_no_python_at_all(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    (clone / "bin").mkdir(parents=True)
    for name in ("up", "_environment"):
        (clone / "bin" / name).write_bytes((ROOT / "bin" / name).read_bytes())
    (clone / "requirements.txt").touch()
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "cksum", "cat"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    run = subprocess.run(["/bin/sh", clone / "bin/up"], env={"PATH": str(tools)}, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "Python 3.11 or newer" in run.stderr
