"""What a killed supervisor left behind. On Linux the kernel ends its children; this is the second net."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

PATIENCE = 3.0  # seconds
PS = "/bin/ps"


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
    if _has_proc():
        found = Path("/proc").glob("[0-9]*")
        return {int(folder.name) for folder in found if mark in _parts(folder / "environ")}
    return {int(line.split()[0]) for line in _ps("axEww", "-o", "pid=,command=") if f" {mark} " in f"{line} "}


def postmaster(data: Path) -> set[int]:
    """PostgreSQL overwrites its environment, but writes its number down."""
    cluster = data / "postgresql"
    try:
        pid = int((cluster / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return set()
    command = _parts(Path(f"/proc/{pid}/cmdline")) if _has_proc() else " ".join(_ps("-wwp", str(pid), "-o", "args="))
    return {pid} if str(cluster) in command else set()


def _has_proc() -> bool:
    return Path("/proc/self").exists()


def _parts(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").split("\0")
    except OSError:
        return []


def _ps(*arguments: str) -> list[str]:
    """macOS has no /proc, but shows the environment of one's own processes after their command."""
    return subprocess.run([PS, *arguments], capture_output=True, text=True, check=False).stdout.splitlines()
