"""Folders that live beside the database. Each becomes one part; what is added here is backed up and restored."""

import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from backup.problems import Refused

_PIECE = 1 << 20
# The part's name, and the setting that names the folder. What they hold is sealed already.
FOLDERS = {"spool": "SPOOL_PATH"}


def folder_of(part: str) -> Path | None:
    """The folder that a part comes from, if this installation has one."""
    path: str = getattr(settings, FOLDERS[part], "")
    return Path(path) if path else None


def packed(folder: Path | None) -> Iterator[bytes]:
    """Every whole file of a folder as one archive. One that is taken away meanwhile is in the database by now."""
    with tempfile.TemporaryFile() as archive:  # sealed files alone: nothing in the clear reaches the disk
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for file in _files(folder):
                _add(tar, file, str(file.relative_to(folder or file)))
        archive.seek(0)
        yield from iter(lambda: archive.read(_PIECE), b"")


def unpack(pieces: Iterable[bytes], into: Path | None) -> int:
    """Put the files of an archive back; none that is there is replaced. Returns how many there were."""
    with tempfile.TemporaryFile() as archive:
        for piece in pieces:
            archive.write(piece)
        archive.seek(0)
        with tarfile.open(fileobj=archive, mode="r") as tar:
            members = [member for member in tar if member.isfile()]
            if into:
                for member in members:
                    _put_back(tar, member, into)
            return len(members)


def _files(folder: Path | None) -> list[Path]:
    return sorted(file for file in folder.rglob("*.sealed") if file.is_file()) if folder else []


def _add(tar: tarfile.TarFile, file: Path, name: str) -> None:
    try:
        with file.open("rb") as content:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = os.fstat(content.fileno()).st_size, 0o600
            tar.addfile(entry, content)
    except FileNotFoundError:
        return


def _put_back(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    file = (into / member.name).resolve()
    if not file.is_relative_to(into.resolve()):
        raise Refused("The backup holds a file that would land outside its folder.")
    content = tar.extractfile(member)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(content.read() if content else b"")
            handle.flush()
            os.fsync(handle.fileno())
    except FileExistsError:
        return
