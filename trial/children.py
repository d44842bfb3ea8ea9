"""How the trial's servers are started: as whom, and so that none outlives its parent."""

import ctypes
import os
import pwd
import signal
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
UNPRIVILEGED = "nobody"


def dies_with_parent(how: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """What a child calls before its program starts, so that the kernel ends it with its parent.

    Linux only; elsewhere None, and the next start ends what was left over.
    """
    if not Path("/proc/self").exists():
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, how)

    return ask


def is_root() -> bool:
    return os.geteuid() == 0


def unprivileged_owner() -> pwd.struct_passwd | None:
    """Who owns PostgreSQL's files: PostgreSQL refuses to run as root, so then it is nobody."""
    return pwd.getpwnam(UNPRIVILEGED) if is_root() else None


def give_away(folder: Path) -> None:
    """Let the unprivileged user own a folder, when there is one."""
    if owner := unprivileged_owner():
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def as_unprivileged(command: list[str], *, reaches: list[Path], ends_with: str = "INT") -> list[str]:
    """The command, run as the unprivileged user when we are root.

    reaches    what the program must get at. A folder on the way that is closed to others (a clone
               in a private temporary folder) is opened by one capability, which reads and passes
               through but writes nothing: the alternative is to loosen somebody's folders.
    """
    owner = unprivileged_owner()
    if owner is None:
        return command
    prefix = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    if not all(_is_passable(path) for path in reaches):
        prefix += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return [*prefix, f"--pdeathsig={ends_with}", "--", *command]


def _is_passable(path: Path) -> bool:
    """Whether anybody may pass through every folder above this path."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)
