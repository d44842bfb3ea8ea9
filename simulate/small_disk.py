"""A disk that can be filled without harm: a small tmpfs in the place of a folder, where this machine lets us mount."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOUNT = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs"]
UNMOUNT = ["umount", "--lazy"]


@contextmanager
def small_disk_at(folder: Path) -> Iterator[bool]:
    """Mount it, and take it away again; False where that is not allowed, and then nothing is changed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mounted = subprocess.run([*MOUNT, str(folder)], capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run([*UNMOUNT, str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk to the last byte; return the file that does."""
    file = folder / "filling"
    with file.open("wb", buffering=0) as full:
        for size in (65536, 4096, 512):
            try:
                while full.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return file
