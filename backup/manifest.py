"""What a backup says of itself: a JSON text, signed with the key that signs the log's checkpoints.

Anybody who has the public key can seal a backup; only the installation can sign one. It holds counts, times, ids
and hashes, never a word of anybody's. It is written last: a folder without it is a backup that was never finished.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self
from uuid import UUID

from audit.notes import BadNote, PublicKey, Signer
from backup.parts import Part, write_plain
from backup.problems import Refused

FILE = "manifest"
FIRST_LINE = "quietline-backup"
FORMAT = 2
READABLE = (1, 2)  # the first knew no increments
Kind = Literal["data", "keys"]
KINDS: dict[Kind, str] = {"data": "the data", "keys": "the keys"}


@dataclass(frozen=True)
class Link:
    """The half that an increment follows: its id, and the SHA-256 of its manifest."""

    id: UUID
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """One half of a backup, or of an increment. `tables` counts the rows that are there once it is restored.

    log_keys   the verifier keys of the log, the oldest first; `key` is the one of them that signs this
    destroyed  ids of keys: in a whole backup all of them, in an increment those that were destroyed since
    end        how far into the server's log of changes this goes
    moment     what the whole backup's snapshot saw; its increments carry it along
    follows    what this is an increment to; None for a whole backup
    """

    id: UUID
    kind: Kind
    at: datetime
    key: str
    log_keys: list[str]
    recipient: str
    postgresql: int
    migrations: list[str]
    tables: dict[str, int]
    checkpoint: str | None
    roots: list[str]
    destroyed: list[str]
    parts: list[Part]
    end: int = 0
    moment: str = ""
    sequences: dict[str, int] = field(default_factory=dict)
    follows: Link | None = None

    @property
    def installation(self) -> str:
        """The name of the log's first key. It stays when a later key takes over."""
        return self.log_keys[0].split("+")[0]

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)

    def text(self) -> str:
        """What is signed."""
        values = {**asdict(self), "id": str(self.id), "at": self.at.isoformat()}
        if self.follows:
            values["follows"] = {"id": str(self.follows.id), "sha256": self.follows.sha256}
        return f"{FIRST_LINE} {FORMAT}\n{json.dumps(values, indent=1, sort_keys=True, ensure_ascii=True)}\n"

    def write(self, folder: Path, signer: Signer) -> None:
        """Finish the backup."""
        write_plain(folder / FILE, signer.sign(self.text()))

    @classmethod
    def read(cls, folder: Path, kind: Kind) -> Self:
        """The manifest of a finished backup, under a signature that holds. Raises Refused."""
        try:
            note = (folder / FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise Refused(f"{folder} holds no finished backup: there is no file “{FILE}” in it.") from None
        except (OSError, UnicodeDecodeError):
            raise Refused(f"{folder / FILE} cannot be read.") from None
        manifest = cls._parsed(note, folder)
        if manifest.kind != kind:
            raise Refused(f"{folder} holds {KINDS[manifest.kind]} of a backup; {KINDS[kind]} are wanted here.")
        return manifest

    @classmethod
    def _parsed(cls, note: str, folder: Path) -> Self:
        first, _, rest = note.partition("\n")
        if first.startswith(f"{FIRST_LINE} ") and first not in [f"{FIRST_LINE} {form}" for form in READABLE]:
            raise Refused(f"{folder} was made by a newer Quietline, in a form that is not known here.")
        try:
            values = json.loads(rest.rpartition("\n\n")[0])
            PublicKey.parse(values["key"]).opened(note)
            return cls(**_typed(values))
        except (BadNote, ValueError, KeyError, TypeError):
            raise Refused(f"{folder / FILE} was altered: its signature does not hold.") from None


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    parts = [Part(**part) for part in values["parts"]]
    if any(part.name != Path(part.name).name for part in parts) or values["kind"] not in KINDS:
        raise ValueError
    if values["key"] not in values["log_keys"]:
        raise ValueError
    follows = Link(UUID(given["id"]), given["sha256"]) if (given := values.get("follows")) else None
    at = datetime.fromisoformat(values["at"])
    return {**values, "id": UUID(values["id"]), "at": at, "parts": parts, "follows": follows}
