"""How the trial's servers are started: as whom, and so that none outlives its parent."""

import ctypes
import os
import pwd
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from trial.trouble import Trouble

PR_SET_PDEATHSIG = 1
CAP_DAC_READ_SEARCH = 2
UNPRIVILEGED = "nobody"


def dies_with_parent(how: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """What a child calls before its program starts, so that the kernel ends it with its parent.

    Linux only; elsewhere None, and the next start ends what was left over.
    """
    if not Path("/proc/self").exists():
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def is_root() -> bool:
    return os.geteuid() == 0


def unprivileged_owner() -> pwd.struct_passwd | None:
    """Who owns PostgreSQL's files: PostgreSQL refuses to run as root, so then it is nobody."""
    return pwd.getpwnam(UNPRIVILEGED) if is_root() else None


def give_away(path: Path) -> None:
    """Let the unprivileged user own a file or folder, when there is one."""
    if owner := unprivileged_owner():
        os.chown(path, owner.pw_uid, owner.pw_gid)


def as_unprivileged(command: list[str], *, reaches: list[Path], ends_with: str = "INT") -> list[str]:
    """The command, run as the unprivileged user when we are root.

    reaches    what the program must get at. When a folder on the way is closed to others (a clone
               in a private temporary folder), the program gets one capability that passes it:
               the alternative is to loosen somebody's folders.
    ends_with  the signal it gets when its parent dies: changing the user forgets an earlier wish
    """
    owner = unprivileged_owner()
    if owner is None:
        return command
    if not shutil.which("setpriv"):
        raise Trouble("As root, PostgreSQL needs setpriv (package util-linux); install it, or run as another user.")
    prefix = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    if not all(_is_passable(path) for path in reaches):
        name = _passing_capability()
        prefix += ["--securebits=+no_setuid_fixup", f"--inh-caps=+{name}", f"--ambient-caps=+{name}"]
    return [*prefix, f"--pdeathsig={ends_with}", "--", *command]


def _is_passable(path: Path) -> bool:
    """Whether anybody may pass through every folder above this path."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def _passing_capability() -> str:
    """The weaker of two capabilities that pass closed folders, if this root has it.

    `dac_read_search` reads and writes nothing. Docker's root lacks it; what it has writes too.
    """
    status = Path("/proc/self/status").read_text()
    held = int(next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), 16)
    return "dac_read_search" if held & (1 << CAP_DAC_READ_SEARCH) else "dac_override"
