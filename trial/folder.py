"""The data folder: everything that outlives a start, readable by its owner alone."""

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import IO, Any

from trial.trouble import Trouble

LARGEST_LOG = 5_000_000  # bytes; a longer one is put aside at the next start


@dataclass
class State:
    """What is chosen once and kept. `address`, `public`, `twilio_api`, `has_twin` are those of the latest start."""

    superuser_password: str = field(default_factory=lambda: secrets.token_hex(24))
    login_password: str = field(default_factory=lambda: secrets.token_hex(24))
    valkey_password: str = field(default_factory=lambda: secrets.token_hex(24))
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(50))
    postgresql_port: int = 0
    valkey_port: int = 0
    twin_port: int = 0
    mail_port: int = 0
    address: str = "http://127.0.0.1:8000"
    public: str = "http://127.0.0.1:8000"
    twilio_api: str = ""
    has_twin: bool = False


class DataFolder:
    """Paths and small files of one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cluster = path / "postgresql"
        self.valkey = path / "valkey"
        self.logs = path / "logs"
        self.static = path / "static"
        self.spool = path / "spool"
        self.backups = path / "backups"
        self.root_key = path / "root.key"
        self._lock: IO[str] | None = None

    def make(self) -> None:
        """Make the folder, closed to everybody else. Refuses one that holds something else."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(self.path.iterdir()) and not (self.path / "lock").exists():
                raise Trouble(f"{self.path} holds other files; give --data a new or an empty folder.")
            (self.path / "lock").touch(mode=0o600)
            self.path.chmod(0o700)
            self.valkey.mkdir(mode=0o700, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            (self.path / ".gitignore").write_text("*\n")
        except OSError as error:
            raise Trouble(
                f"{self.path} cannot be written ({error.strerror}); choose another folder with --data."
            ) from None

    def lock(self, holder: str) -> bool:
        """Take the folder for this process, unless another one has it. The kernel ends it with us."""
        file = (self.path / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(holder)
        file.flush()
        self._lock = file
        return True

    def unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    def lock_holder(self) -> str:
        return (self.path / "lock").read_text()

    def read_state(self) -> State:
        """The kept choices; new ones in a new folder. Data without its secrets is refused, never replaced."""
        file = self.path / "state.json"
        if file.exists():
            known = {item.name for item in fields(State)}
            return State(**{key: value for key, value in self.read(file.name).items() if key in known})
        if self.cluster.exists():
            raise Trouble(f"{file} is missing, and the database beside it cannot be opened without it.")
        state = State()
        self.save_state(state)
        return state

    def save_state(self, state: State) -> None:
        self.write("state.json", asdict(state))

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the folder; empty when there is none."""
        file = self.path / name
        if not file.exists():
            return {}
        try:
            return dict(json.loads(file.read_text()))
        except ValueError:
            raise Trouble(f"{file} cannot be read; put it back from a backup, or start with new data.") from None

    def write(self, name: str, content: dict[str, Any]) -> None:
        self.write_text(name, json.dumps(content, indent=1))

    def write_text(self, name: str, text: str) -> None:
        """Replace a file at once: whoever is killed meanwhile leaves the old or the new one."""
        draft = self.path / f"{name}.new"
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / name)

    def open_log(self, name: str) -> IO[bytes]:
        """A log to append to; one that has grown large is put aside."""
        log = self.log(name)
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        return os.fdopen(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab")

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"
