"""What a killed supervisor left behind. On Linux the kernel ends its children; this is the second net."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

PATIENCE = 3.0  # seconds


def end_leftovers(data: Path) -> None:
    """End every process that an earlier supervisor of this data folder started, and wait for it."""
    deadline = time.monotonic() + PATIENCE
    how = signal.SIGINT
    while left := supervised(data) | postmaster(data):
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, how)
        if time.monotonic() > deadline:
            how = signal.SIGKILL
        time.sleep(0.1)


def supervised(data: Path) -> set[int]:
    """Processes that carry the mark of this data folder in their environment."""
    mark = f"QUIETLINE_SUPERVISED={data}"
    if not Path("/proc/self").exists():
        return _supervised_by_ps(mark)
    return {int(folder.name) for folder in Path("/proc").glob("[0-9]*") if mark.encode() in _environment(folder)}


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _supervised_by_ps(mark: str) -> set[int]:
    """macOS shows the environment of one's own processes after their command."""
    shown = subprocess.run(["ps", "axEww", "-o", "pid=,command="], capture_output=True, text=True, check=False)
    return {int(line.split()[0]) for line in shown.stdout.splitlines() if f" {mark} " in f"{line} "}


def postmaster(data: Path) -> set[int]:
    """PostgreSQL overwrites its environment, but writes its number down."""
    try:
        pid = int((data / "postgresql" / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return set()
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return {pid} if f"-D {data / 'postgresql'} " in shown else set()
