"""A whole backup and its increments: each names the one that it follows by id and by the hash of its manifest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from backup.manifest import FILE, Kind, Link, Manifest
from backup.parts import check_part, read_part
from backup.problems import Refused
from encryption.offline import Holder


@dataclass(frozen=True)
class Half:
    """A folder of a backup, what it says of itself, and what it follows: the whole backup first."""

    folder: Path
    manifest: Manifest
    before: "tuple[Half, ...]" = ()

    @classmethod
    def at(cls, folder: Path, kind: Kind) -> "Half":
        """A half with everything that it stands on. Raises Refused, and then names the last state that is whole."""
        manifest = Manifest.read(folder, kind)
        try:
            return _standing(folder, manifest)
        except Refused as refusal:
            raise Refused(f"{refusal} {_last_whole(folder, manifest)}") from None

    @property
    def base(self) -> "Half":
        """The whole backup that this is, or stands on."""
        return self.before[0] if self.before else self

    @property
    def increments(self) -> "list[Half]":
        """What comes after the whole backup, up to this one."""
        return [*self.before[1:], self] if self.before else []

    def pieces(self, name: str, holder: Holder) -> Iterator[bytes]:
        """The plain pieces of a part; none when there is no such part."""
        if part := self.manifest.part(name):
            yield from read_part(self.folder, part, self.manifest.id, holder)

    def check(self) -> None:
        """Raise Refused unless every file that this stands on is as it was written."""
        for half in (*self.before, self):
            try:
                _check_files(half)
            except Refused as refusal:
                if not self.before:
                    raise
                raise Refused(f"{refusal} {_last_whole(half.folder, half.manifest)}") from None


def link_to(half: Half) -> Link:
    """What an increment says of the one that it follows."""
    return Link(half.manifest.id, _digest(half.folder))


def folder_name(at: datetime, identity: UUID) -> str:
    """Names sort by time, and are found again by id."""
    return f"{at:%Y-%m-%dT%H-%M-%S-%fZ}-{identity.hex[-8:]}"


def newest(place: Path, kind: Kind) -> Half | None:
    """The newest finished half in a place, if there is one and all that it stands on is there.

    What a clock that was wrong has dated into the future is passed over.
    """
    now = folder_name(timezone.now(), UUID(int=0))
    finished = sorted((file.parent for file in place.glob(f"*/{FILE}") if file.parent.name < now), reverse=True)
    return finished_half(finished[0], kind) if finished else None


def finished_half(folder: Path, kind: Kind) -> Half | None:
    """The half in a folder, if it was finished and all that it stands on is there."""
    try:
        return _standing(folder, Manifest.read(folder, kind))
    except Refused:
        return None


def _standing(folder: Path, manifest: Manifest) -> Half:
    """Raises Refused."""
    return Half(folder, manifest, tuple(reversed(list(_before(folder, manifest)))))


def _check_files(half: Half) -> None:
    for part in half.manifest.parts:
        check_part(half.folder, part)


def _before(folder: Path, manifest: Manifest) -> Iterator[Half]:
    """Back to the whole backup, link by link. Raises Refused."""
    while link := manifest.follows:
        found = _named(folder.resolve().parent, link)
        if found is None:
            raise Refused(f"The increment in {folder} follows one that is missing.")
        folder, manifest = found, Manifest.read(found, manifest.kind)
        if (manifest.id, _digest(folder)) != (link.id, link.sha256):
            raise Refused(f"{folder} is not what the increment after it follows: it was put there instead.")
        yield Half(folder, manifest)


def _named(place: Path, link: Link) -> Path | None:
    return next((file.parent for file in place.glob(f"*-{link.id.hex[-8:]}/{FILE}")), None)


def _digest(folder: Path) -> str:
    return sha256((folder / FILE).read_bytes()).hexdigest()


def _last_whole(folder: Path, manifest: Manifest) -> str:
    """The newest state before this one that stands on nothing missing or altered, as a sentence."""
    for other in sorted(folder.resolve().parent.iterdir(), reverse=True):
        try:
            found = Manifest.read(other, manifest.kind)
            if found.key not in manifest.log_keys or found.at >= manifest.at:
                continue
            for half in (Half(other, found), *_before(other, found)):
                _check_files(half)
        except Refused:
            continue
        return f"The last whole state before it is of {found.at:%Y-%m-%d %H:%M:%S} UTC, in {other}."
    return "No state before it is whole."
