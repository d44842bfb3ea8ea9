"""Tries whether this server could take its own backups away: whoever takes the server over could do the same (OPS-04).

The trial is made on a file that says so, in a folder like a backup's. It lies there from then on: a place that is
made append-only afterwards, by whatever means, takes it along with the rest.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from backup.problems import Refused

FOLDER, FILE = "may-this-be-deleted", "trial"
_SAYS = b"The server tries to delete this file. Where it can, it lays it down again, and says so.\n"


def can_delete(place: Path) -> bool:
    """Whether a file that lies there can be changed, taken away or hidden under another name. Raises Refused."""
    folder = place / FOLDER
    _lay_down(folder)
    with suppress(OSError):
        (folder / FILE).chmod(0o600)
    tried = [
        _succeeds(lambda: os.close(os.open(folder / FILE, os.O_WRONLY))),
        _succeeds(lambda: (folder / FILE).unlink()),
        _succeeds(lambda: folder.rename(place / f"{FOLDER}-moved").rename(folder)),
    ]
    _lay_down(folder)
    return any(tried)


def _lay_down(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not (folder / FILE).exists():
            with os.fdopen(os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
                file.write(_SAYS)
    except OSError as problem:
        raise Refused(f"{folder} cannot be written: {problem.strerror}.") from None


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True
