"""Parts of a backup on disk: written once, sealed while they are written, flushed, and never touched again."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from backup.problems import Refused
from encryption.errors import SealError
from encryption.offline import Holder, Recipient, Sealing, opened

SUFFIX = ".sealed"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Part:
    """One file of a backup, as its manifest names it."""

    name: str
    length: int
    sha256: str

    @property
    def file(self) -> str:
        return self.name + SUFFIX


def new_folder(parent: Path, name: str) -> Path:
    """A folder that nobody has used. Raises Refused."""
    folder = parent / name
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except OSError as problem:
        raise Refused(f"{folder} cannot be made: {problem.strerror}.") from None
    return folder


def write_part(folder: Path, name: str, of: UUID, recipient: Recipient, pieces: Iterable[bytes]) -> Part:
    """Seal the pieces into a file of their own, as they come. Nothing of them reaches a disk in the clear."""
    sealing, digest, length = Sealing(recipient, name=name, of=of), sha256(), 0
    with _new_file(folder / f"{name}{SUFFIX}") as file:
        for sealed in _sealed(sealing, pieces):
            file.write(sealed)
            digest.update(sealed)
            length += len(sealed)
        _flush(file.fileno())
    return Part(name, length, digest.hexdigest())


def write_plain(file: Path, text: str) -> None:
    """A small file that holds nothing secret, and its folder, on disk before this returns."""
    with _new_file(file) as handle:
        handle.write(text.encode())
        _flush(handle.fileno())
    flush_folder(file.parent)


def check_part(folder: Path, part: Part) -> None:
    """Raise Refused unless the file is the one that the manifest names."""
    digest, file = sha256(), folder / part.file
    try:
        with file.open("rb") as handle:
            while piece := handle.read(_PIECE):
                digest.update(piece)
            length = handle.tell()
    except OSError:
        raise Refused(f"{file} is missing or cannot be read.") from None
    if length != part.length:
        raise Refused(f"{file} has {length} bytes and was written with {part.length}: it was cut or added to.")
    if digest.hexdigest() != part.sha256:
        raise Refused(f"{file} was altered since it was written.")


def read_part(folder: Path, part: Part, of: UUID, holder: Holder) -> Iterator[bytes]:
    """The plain pieces of a part. Raises Refused."""
    try:
        with (folder / part.file).open("rb") as file:
            yield from opened(file, part.length, holder, name=part.name, of=of)
    except SealError as problem:
        raise Refused(f"{folder / part.file} does not open: {problem}") from None


def flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _flush(descriptor)
    finally:
        os.close(descriptor)


def _sealed(sealing: Sealing, pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield sealing.head
    for piece in pieces:
        yield sealing.update(piece)
    yield sealing.finish()


def _new_file(file: Path) -> BinaryIO:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb")


def _flush(descriptor: int) -> None:
    os.fsync(descriptor)
