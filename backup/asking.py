"""Asks `prove_restored`, a process of its own, about a restored copy. What it must know it hears by a pipe."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from backup.databases import Database
from backup.problems import Refused
from backup.proving import Proof

# No browser may hear of what happens on a copy, and no webhook of this installation may reach it.
NOWHERE = "redis://127.0.0.1:1"


@dataclass(frozen=True)
class Question:
    """What to do with a copy. `roots` never appears among arguments, in an environment or in a log."""

    log_keys: list[str]
    tables: dict[str, int]
    backup: str
    roots: str = field(repr=False)
    anchors: list[str] = field(default_factory=list)
    migrate: bool = False
    is_drill: bool = False
    ask_twilio: bool = False


def ask(question: Question, *, reader: Database, owner: Database) -> list[Proof]:
    """The proofs, in their order. Raises Refused when the copy cannot be looked at at all."""
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "prove_restored"]
    asked = json.dumps(asdict(question)).encode()
    done = subprocess.run(  # noqa: S603  # a list, and no shell
        command, input=asked, env=_environment(reader, owner), capture_output=True, check=False
    )
    if done.returncode:
        raise Refused(f"The restored copy could not be looked at: {_last_line(done.stderr)}")
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return [Proof(**answer) for answer in answers]


def _environment(reader: Database, owner: Database) -> dict[str, str]:
    """Ours, but for the database, the keys, the spool and Valkey."""
    others = ("DATABASE_", "QUIETLINE_ROOT_KEYS", "VALKEY_", "SPOOL_", "AUDIT_ANCHOR_", "STATEMENT_", "TWILIO_API_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {
        **kept,
        "PYTHONPATH": str(settings.BASE_DIR),
        "DATABASE_URL": reader.url,
        "DATABASE_OWNER_URL": owner.url,
        "VALKEY_URL": NOWHERE,
        "STATEMENT_TIMEOUT_SECONDS": "0",
        "TWILIO_API_BASE_URL": settings.TWILIO_API_BASE_URL,
    }


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it did not say why."
