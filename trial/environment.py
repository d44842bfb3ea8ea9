"""What the product's processes are told: only by the environment, as in production."""

import os
import sys

from trial.folder import DataFolder, State
from trial.options import ROOT
from trial.postgresql import login_dsn, programs
from trial.valkey import url

# Of the caller's own shell nothing of these may leak in.
_OURS = (
    "QUIETLINE_",
    "DATABASE_",
    "FILES_",
    "CLAMD",
    "VALKEY_",
    "SECRET_KEY",
    "PUBLIC_",
    "STAFF_",
    "EXTRA_",
    "STATIC_",
    "TWILIO_",
    "SPOOL_",
    "BACKUP_",
    "EMAIL_",
    "POSTGRESQL_",
    "DJANGO_",
)
LOOPBACK = "127.0.0.1,localhost"


def of_system() -> dict[str, str]:
    """The caller's environment without what the product itself would read; loopback needs no proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    without_proxy = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), LOOPBACK]))
    return {**kept, "NO_PROXY": without_proxy, "no_proxy": without_proxy}


def of_product(folder: DataFolder, state: State) -> dict[str, str]:
    """For web, worker and clock. They do not know how to log in as the owner of the tables."""
    return {
        **of_system(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "QUIETLINE_TRIAL": "1",
        "DATABASE_URL": login_dsn("quietline_app", state.postgresql_port, state.login_password),
        "VALKEY_URL": url(state.valkey_port, state.valkey_password),
        "SECRET_KEY": state.secret_key,
        "QUIETLINE_ROOT_KEYS_PATH": str(folder.root_key),
        "PUBLIC_BASE_URL": state.public,
        "STAFF_BASE_URL": state.address,
        "EXTRA_STAFF_ORIGINS": state.address.replace("127.0.0.1", "localhost"),
        "STATIC_ROOT": str(folder.static),
        "TWILIO_API_BASE_URL": state.twilio_api,
        "SPOOL_PATH": str(folder.spool),
        "DATABASE_DISK_PATH": str(folder.path),
        **_of_mail(state),
    }


def _of_mail(state: State) -> dict[str, str]:
    """The mailbox of the twin; without a twin nothing is mailed."""
    if not state.has_twin:
        return {}
    return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(state.mail_port), "EMAIL_USE_TLS": "false"}


def of_owner(folder: DataFolder, state: State) -> dict[str, str]:
    """For migrations and for commands typed by the installation's owner."""
    port, password = state.postgresql_port, state.login_password
    return {
        **of_product(folder, state),
        "DATABASE_OWNER_URL": login_dsn("quietline_migrator", port, password),
        "DATABASE_BACKUP_URL": login_dsn("quietline_backup", port, password),
        "BACKUP_PUBLIC_KEY_PATH": str(folder.path / "backup.public"),
        "POSTGRESQL_PROGRAMS": str(programs()),
    }


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours in this environment's Python."""
    return [sys.executable, "-m", module, *arguments]
