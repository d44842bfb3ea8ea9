"""Where webhooks wait while the database is away: one sealed file each, in a folder on disk (INB-09).

Sealing takes the public half of a key pair, read at start: no secret is needed to keep a post. A file is
whole or not there: it is written beside its name, flushed, and renamed, and the folder is flushed too.
"""

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError

from encryption.drop import drop, pick_up, spool_box
from encryption.errors import SealError
from encryption.roots import RootKeyProblem

SUFFIX, PARTIAL, ASIDE, PUBLIC_KEY = ".sealed", ".partial", "set-aside", "public-key"
MOST_UNPROVEN = 2000  # files of lines that this process has not seen yet: their signature cannot be checked

log = structlog.get_logger(__name__)
_box: bytes = b""


class NoSpool(Exception):
    """Nothing can be kept: there is no folder, it is full, or it cannot be written."""


class NotWhole(Exception):
    """A file in the spool that is not what was put there."""


@dataclass(frozen=True)
class Heard:
    """One post as it came: enough to check its signature again."""

    line_id: UUID
    hook: str
    address: str
    signature: str = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime


def prepare() -> None:
    """Make the folder and learn the public key. Called where a web process starts.

    It lies in the folder too, for a process that starts while the database or the root key is away.
    """
    global _box
    if not settings.SPOOL_PATH:
        return
    make_folder()
    try:
        _box = spool_box()
    except (DatabaseError, SealError, RootKeyProblem):
        _box = _box_on_disk()
    else:
        _leave_on_disk(_box)


def make_folder() -> None:
    """Have the folder, closed to others. Raises OSError when it cannot be made or written."""
    _aside().mkdir(mode=0o700, parents=True, exist_ok=True)
    _folder().chmod(0o700)
    probe = _folder() / f"{secrets.token_hex(4)}{PARTIAL}"
    _write(probe, b"")
    probe.unlink()


def put(heard: Heard, *, proven: bool) -> None:
    """Keep a post, flushed to disk before this returns. Raises `NoSpool`."""
    if not _box or (not proven and count() >= MOST_UNPROVEN):
        raise NoSpool
    sealed = drop(_encoded(heard), _box)
    name = f"{heard.at.timestamp() * 1e9:020.0f}-{secrets.token_hex(4)}"  # some have waited for the database meanwhile
    try:
        _write(_folder() / (name + PARTIAL), sealed)
        (_folder() / (name + PARTIAL)).rename(_folder() / (name + SUFFIX))
        _flush(_folder())
    except OSError as problem:
        (_folder() / (name + PARTIAL)).unlink(missing_ok=True)
        log.error("spool_unwritable", error=type(problem).__name__, code=problem.errno)
        raise NoSpool from None


def waiting() -> list[Path]:
    """The files that wait, in the order in which they came."""
    return sorted(_names())


def read(file: Path) -> Heard:
    """Open one. Raises `NotWhole`, and what the database raises when the key cannot be had now."""
    try:
        values = json.loads(pick_up(file.read_bytes()))
        return Heard(
            line_id=UUID(values["line"]),
            hook=values["hook"],
            address=values["address"],
            signature=values["signature"],
            body=b64decode(values["body"]),
            at=datetime.fromisoformat(values["at"]),
        )
    except (SealError, ValueError, KeyError, TypeError) as problem:
        raise NotWhole(type(problem).__name__) from None


def done(file: Path) -> None:
    """Forget a file: what it held is committed."""
    file.unlink(missing_ok=True)


def set_aside(file: Path, reason: str) -> None:
    """Move what cannot be taken in out of the way of the rest. It is kept, and the health page says so."""
    log.error("spool_file_set_aside", reason=reason)
    file.rename(_aside() / file.name)


def count() -> int:
    return sum(1 for _ in _names())


def count_set_aside() -> int:
    return sum(1 for _ in _aside().iterdir()) if settings.SPOOL_PATH and _aside().is_dir() else 0


def _box_on_disk() -> bytes:
    try:
        return (_folder() / PUBLIC_KEY).read_bytes()
    except FileNotFoundError:
        return b""


def _leave_on_disk(box: bytes) -> None:
    if box != _box_on_disk():
        partial = _folder() / f"{secrets.token_hex(4)}{PARTIAL}"
        _write(partial, box)
        partial.rename(_folder() / PUBLIC_KEY)
        _flush(_folder())


def _names() -> Iterator[Path]:
    if settings.SPOOL_PATH and _folder().is_dir():
        yield from (file for file in _folder().iterdir() if file.name.endswith(SUFFIX))


def _folder() -> Path:
    return Path(settings.SPOOL_PATH)


def _aside() -> Path:
    return _folder() / ASIDE


def _encoded(heard: Heard) -> bytes:
    values = {
        "line": str(heard.line_id),
        "hook": heard.hook,
        "address": heard.address,
        "signature": heard.signature,
        "body": b64encode(heard.body).decode(),
        "at": heard.at.astimezone(UTC).isoformat(),
    }
    return json.dumps(values).encode()


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
