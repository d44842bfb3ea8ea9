"""How much memory processes have to themselves: PSS, where a page that two share counts half for each."""

import resource
from collections import defaultdict
from pathlib import Path

from simulate.stack import Stack

PROC = Path("/proc")
PARTS = ("web", "worker", "beat", "postgresql", "valkey")
SUPERVISOR, TWIN, CACHE = "supervisor", "twin", "postgresql's cache"


def megabytes(pid: int) -> float:
    """Of one process; 0 when it is gone."""
    return sum(_pss(pid))


def parts(stack: Stack) -> dict[str, float]:
    """Megabytes of each part of a stack. What PostgreSQL's processes share for its cache has a ceiling: it is apart."""
    heads = {name: pid for name in PARTS if (pid := stack.pid_of(name))}
    children = _children()
    supervisor = next(parent for parent, found in children.items() if heads["web"] in found)
    families = {name: _family(pid, children) for name, pid in heads.items()} | {SUPERVISOR: [supervisor]}
    families[TWIN] = [pid for pid in children[supervisor] if pid not in heads.values()]
    found = {name: sum(megabytes(pid) for pid in family) for name, family in families.items()}
    found[CACHE] = sum(_pss(pid)[1] for pid in families["postgresql"])
    found["postgresql"] -= found[CACHE]
    return found


def allow_many_files() -> None:
    """For this process and those it starts: a thousand sockets need more than many systems give unasked."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _pss(pid: int) -> tuple[float, float]:
    """Megabytes of its own and of files, and megabytes of shared memory."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return 0.0, 0.0
    values = {line.partition(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return values["Pss"] - values["Pss_Shmem"], values["Pss_Shmem"]


def _children() -> dict[int, list[int]]:
    found = defaultdict(list)
    for folder in PROC.glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        found[parent].append(int(folder.name))
    return found


def _family(pid: int, children: dict[int, list[int]]) -> list[int]:
    """A process and all that it started, directly or not."""
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found
