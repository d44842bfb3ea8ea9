"""What must be true before Quietline opens: it refuses to start unsealed, in clear, or as an owner of its tables.

Each check says what is wrong and how to mend it. `manage.py doctor` shows them all; web, worker and clock
start only when none is red (`config/opening.py`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from backup.records import last_backup_at, standing
from encryption.roots import RootKeyProblem, check_root_keys
from encryption.self_check import swap_warning, transport_problems
from messaging import scanner
from messaging.actions import room, spool

SHORTEST_SECRET = 50
LATE_BACKUP = timedelta(days=2)
VARIED = 5  # different signs that a random secret has at the least


@dataclass(frozen=True)
class Finding:
    """The answer of one check. `fix` is empty when all is well; a warning does not stop the start."""

    check: str
    fix: str = ""
    is_warning: bool = False

    @property
    def is_red(self) -> bool:
        return bool(self.fix) and not self.is_warning


def examine() -> list[Finding]:
    """Every check, in the order in which one would mend them."""
    return [Finding(name, fix, is_warning=name in WARNINGS) for name, check in CHECKS.items() for fix in _all(check)]


def red() -> list[Finding]:
    """What must be mended before Quietline opens."""
    return [finding for finding in examine() if finding.is_red]


def refusal(found: list[Finding]) -> str:
    return "Quietline does not start like this: " + " ".join(finding.fix for finding in found)


def _all(check: Callable[[], Iterator[str]]) -> list[str]:
    return list(check()) or [""]


def _secret() -> Iterator[str]:
    key = settings.SECRET_KEY
    if len(key) < SHORTEST_SECRET or len(set(key)) < VARIED:
        yield "SECRET_KEY is too short or too simple: give it at least 50 random signs."


def _addresses() -> Iterator[str]:
    for name in ("PUBLIC_BASE_URL", "STAFF_BASE_URL"):
        address = urlsplit(getattr(settings, name))
        if address.scheme not in ("http", "https") or not address.hostname:
            yield f"{name} must be a whole address, such as https://texts.example.org."
        elif address.scheme == "http" and not (settings.TRIAL and _is_loopback(address.hostname)):
            yield f"{name} must begin with https. Plain http is for a trial on this machine alone."
    if "*" in settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS may not hold a star."


def _passkeys() -> Iterator[str]:
    """Browsers keep no passkey for an address of digits; a trial's has a name beside it."""
    try:
        ip_address(settings.PASSKEY_HOST)
    except ValueError:
        return
    yield "STAFF_BASE_URL is an address of digits, and no passkey can belong to one: give the server a name."


def _twilio() -> Iterator[str]:
    if settings.TWILIO_API_BASE_URL and not settings.TRIAL:
        yield "TWILIO_API_BASE_URL would send the account's secrets elsewhere: leave it empty outside a trial."


def _keys() -> Iterator[str]:
    try:
        check_root_keys()
    except RootKeyProblem as problem:
        yield str(problem)
    except DatabaseError:
        return  # the database's own check says so


def _transport() -> Iterator[str]:
    yield from transport_problems(settings.DATABASES, settings.VALKEY_URL)


def _database() -> Iterator[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        yield "PostgreSQL cannot be reached. Check DATABASE_URL and whether the server runs."


def _role() -> Iterator[str]:
    """The role that the product connects as owns nothing and cannot step over row-level security."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone()[0]:
                yield "DATABASE_URL names a role that steps over row-level security. Use quietline_app."
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
            if cursor.fetchone()[0]:
                yield "DATABASE_URL names a role that owns tables. Use quietline_app."
    except DatabaseError:
        return  # the database's own check says so


def _spool() -> Iterator[str]:
    """Without the spool, webhooks would be refused while the database is away."""
    if not settings.SPOOL_PATH:
        return
    try:
        spool.make_folder()
    except OSError as problem:
        yield f"The folder of SPOOL_PATH cannot be written ({problem.strerror}): give one that belongs to this user."


def _anchors() -> Iterator[str]:
    if settings.AUDIT_ANCHOR_MAIL_TO and not settings.EMAIL_HOST:
        yield "AUDIT_ANCHOR_MAIL_TO is set but EMAIL_HOST is not: checkpoints of the log cannot be mailed."


def _no_mail() -> Iterator[str]:
    """A trial without its twin has no mailbox, and nobody to tell."""
    if not (settings.EMAIL_HOST or settings.TRIAL):
        yield "EMAIL_HOST is not set: nobody is told by mail of a new passkey, a new device or a recovery."


def _no_anchors() -> Iterator[str]:
    if not (settings.TRIAL or settings.AUDIT_ANCHOR_FILE or settings.AUDIT_ANCHOR_MAIL_TO):
        yield "Neither AUDIT_ANCHOR_MAIL_TO nor AUDIT_ANCHOR_FILE is set: nobody outside could tell a replaced log."


def _no_backup() -> Iterator[str]:
    """A trial has nothing to lose."""
    if settings.TRIAL:
        return
    try:
        last = last_backup_at()
    except DatabaseError:
        return  # the database's own check says so
    if last is None or timezone.now() - last > LATE_BACKUP:
        yield "No backup was made in the last two days: see docs/backup.md."


def _no_increments() -> Iterator[str]:
    """A trial has nothing to lose."""
    if settings.TRIAL:
        return
    try:
        found = standing()
    except DatabaseError:
        return  # the database's own check says so
    if found.increment_at is None:
        yield "No increments are made: a lost disk takes all since the last backup with it. See docs/backup.md."
    elif found.is_late:
        yield f"The last increment of a backup is {found.minutes} minutes old: look why none was made since."


def _deletable_backups() -> Iterator[str]:
    try:
        since = standing().deletable_since
    except DatabaseError:
        return  # the database's own check says so
    if since and not settings.TRIAL:
        yield "This server can delete its own backups: make their place append-only. See docs/backup.md."


def _no_spool() -> Iterator[str]:
    if not settings.SPOOL_PATH:
        yield "SPOOL_PATH is not set: while the database is away, texts are refused, and fetched from Twilio later."


def _scanner() -> Iterator[str]:
    """Files go to it in clear: it is a neighbour on this machine or nobody."""
    host, _, port = settings.CLAMD.rpartition(":")
    is_here = _is_loopback(host.removeprefix("[").removesuffix("]")) and port.isdecimal()
    if settings.CLAMD and not settings.CLAMD.startswith("/") and not is_here:
        yield "CLAMD must be the path of a socket, or an address and port of this machine, such as 127.0.0.1:3310."


def _silent_scanner() -> Iterator[str]:
    if settings.CLAMD and not list(_scanner()) and not scanner.answers():
        yield "The virus scanner at CLAMD does not answer: files are offered as not scanned, and scanned later."


def _disk() -> Iterator[str]:
    if settings.DATABASE_DISK_PATH and room.free_on_disk() is None:
        yield "DATABASE_DISK_PATH cannot be seen: name a folder on the disk of PostgreSQL that this user can look at."
    elif not settings.DATABASE_DISK_PATH:
        yield "DATABASE_DISK_PATH is not set: pictures could take the room on the disk that texts need."


def _swap() -> Iterator[str]:
    if warning := swap_warning():
        yield warning


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "secret key": _secret,
    "addresses": _addresses,
    "passkeys": _passkeys,
    "Twilio's address": _twilio,
    "database": _database,
    "database role": _role,
    "transport": _transport,
    "root keys": _keys,
    "spool": _spool,
    "spool in use": _no_spool,
    "mail to people": _no_mail,
    "mail of checkpoints": _anchors,
    "checkpoints kept outside": _no_anchors,
    "backups": _no_backup,
    "increments": _no_increments,
    "place of backups": _deletable_backups,
    "disk": _disk,
    "virus scanner's address": _scanner,
    "virus scanner": _silent_scanner,
    "swap": _swap,
}
WARNINGS = {
    "swap",
    "disk",
    "virus scanner",
    "passkeys",
    "backups",
    "increments",
    "place of backups",
    "spool in use",
    "mail to people",
    "checkpoints kept outside",
}
