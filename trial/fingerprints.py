"""What the data folder was prepared for, so that a later start skips what is done."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from trial.options import ROOT


def of_migrations() -> str:
    """Every migration of ours, the set-up of the roles, and the versions of everybody else's."""
    return _of([*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "tenancy/bootstrap.sql", ROOT / "requirements.txt"])


def of_static() -> str:
    files = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    return _of([*files, ROOT / "requirements.txt"])


def _of(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
