"""The offline key pair: the public half stays with the server, the private half does not."""

import os
from pathlib import Path

from django.conf import settings

from backup.problems import Refused
from encryption.offline import Holder, NotAKey, Recipient

_PUBLIC = """\
# Backups are sealed to this key. It opens nothing and may be known to anybody.
{line}
"""
_PRIVATE = """\
# Opens every backup of this installation. Keep it offline: on paper, or on two sticks in two safes.
# Never on the server, and never beside a backup. It opens what was sealed to key {kid}.
{line}
"""


def recipient() -> Recipient:
    """Whom backups are sealed to. Raises Refused."""
    given, path = settings.BACKUP_PUBLIC_KEY, settings.BACKUP_PUBLIC_KEY_PATH
    if not given and not (path and Path(path).exists()):
        raise Refused("There is no key to seal a backup to. Make one with: manage.py backup_key --private-to FILE")
    try:
        return Recipient.parse(given or Path(path).read_text(encoding="utf-8"))
    except (NotAKey, OSError, UnicodeDecodeError):
        raise Refused("The public key for backups cannot be read: give the line that backup_key printed.") from None


def holder(file: Path) -> Holder:
    """The private half, out of a file that nobody else can read. Raises Refused."""
    try:
        if file.stat().st_mode & 0o077:
            raise Refused(f"{file} can be read by other users of this machine; run: chmod 600 {file}")
        return Holder.parse(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise Refused(f"{file} cannot be read: {problem.strerror}.") from None
    except (NotAKey, UnicodeDecodeError):
        raise Refused(f"{file} holds no private key for backups, or not all of it.") from None


def write_pair(private: Path, public: Path | None) -> Recipient:
    """Make a pair. No file that is there is replaced. Raises Refused."""
    pair = Holder.new()
    if public and public.exists():
        raise Refused(f"{public} is there already, and backups are sealed to it: move it away first, and keep it.")
    _write(private, _PRIVATE.format(kid=pair.recipient.kid.hex(), line=pair.text()), 0o600)
    if public:
        _write(public, _PUBLIC.format(line=pair.recipient), 0o644)
    return pair.recipient


def _write(file: Path, text: str, mode: int) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as problem:
        raise Refused(f"{file} cannot be written: {problem.strerror}.") from None
