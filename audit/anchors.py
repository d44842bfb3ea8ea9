"""Checkpoints that leave the database: a file that is only appended to, on another disk at best.

One JSON object a line: `{"at": time, "note": the signed checkpoint}`. It holds nothing personal.
Whoever keeps an old line can show that the log was not rolled back, cut or forked since.
"""

import json
import os
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from audit.context import Actor, acting
from audit.events import Event
from audit.models import Checkpoint
from audit.notes import timestamp_text
from audit.record import record
from tenancy.scope import in_platform

EVERY_SECONDS = 3600


def anchor_file() -> Path | None:
    name: str = getattr(settings, "AUDIT_ANCHOR_FILE", "")
    return Path(name) if name else None


def anchor_if_due() -> bool:
    """Append the newest checkpoint unless that was done within the hour."""
    file = anchor_file()
    if file is None or time.time() - _last_written(file) < EVERY_SECONDS:
        return False
    return anchor_now()


def anchor_now() -> bool:
    """Append the newest checkpoint to the file; False if there is none, or no file is set."""
    file, last = anchor_file(), Checkpoint.objects.newest()
    if file is None or last is None:
        return False
    _append(file, anchor_line(last))
    with in_platform(), acting(Actor.system()):
        record(Event.CHECKPOINT_MADE, facts={"size": last.size})
    return True


def anchor_line(checkpoint: Checkpoint) -> str:
    """One line of an anchor file, without its end."""
    return json.dumps({"at": timestamp_text(timezone.now()), "note": checkpoint.note}, ensure_ascii=False)


def anchored_notes(file: Path) -> list[str]:
    """The notes of an anchor file, oldest first; raises `ValueError` for a line that is not one."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["note"]) for line in lines if line.strip()]


def _last_written(file: Path) -> float:
    return file.stat().st_mtime if file.exists() else 0.0


def _append(file: Path, line: str) -> None:
    """Written and on the disk before this returns; a power cut leaves at most half a last line."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, line.encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
