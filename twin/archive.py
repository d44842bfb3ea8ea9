"""What survives a restart, in one SQLite file. Without a file, nothing does."""

import base64
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any


class Archive:
    """Rows of JSON by kind and key, in the order they first came."""

    def __init__(self, path: Path | None) -> None:
        self.db = sqlite3.connect(path, isolation_level=None) if path else None
        if self.db:
            # Survives the end of the process at any point; not a power cut, which a double need not.
            self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;")
            self.db.execute(
                "CREATE TABLE IF NOT EXISTS kept (n INTEGER PRIMARY KEY, kind TEXT, key TEXT, row TEXT,"
                " UNIQUE (kind, key))"
            )

    def put(self, kind: str, key: str, row: Any) -> None:
        """Keep a row, in place of an older one of the same kind and key."""
        if self.db:
            text = json.dumps(asdict(row) if is_dataclass(row) else row, default=_as_text)  # type: ignore[arg-type]
            self.db.execute(
                "INSERT INTO kept (kind, key, row) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET row = excluded.row",
                (kind, key, text),
            )

    def drop(self, kind: str, key: str | None = None) -> None:
        """Forget one row, or every row of a kind."""
        if self.db and key is None:
            self.db.execute("DELETE FROM kept WHERE kind = ?", (kind,))
        elif self.db:
            self.db.execute("DELETE FROM kept WHERE kind = ? AND key = ?", (kind, key))

    def rows(self, kind: str) -> Iterator[Any]:
        """Yield the rows of a kind, oldest first."""
        if self.db:
            for (text,) in self.db.execute("SELECT row FROM kept WHERE kind = ? ORDER BY n", (kind,)):
                yield json.loads(text)

    def close(self) -> None:
        """Let go of the file."""
        if self.db:
            self.db.close()


def _as_text(value: bytes) -> str:
    return base64.b64encode(value).decode()
