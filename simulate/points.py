"""Places inside the product at which a simulation kills the process, chosen by name and by how often they are passed.

The product knows nothing of them. `simulate/site` stands first on the path of a simulated stack's processes, so
Python imports its `sitecustomize` there and nowhere else; it wraps the functions named here as their modules are
imported. A point is armed by a file in a folder of the simulation's; whoever passes it for the N-th time moves the
file away, which only one can, and kills itself with SIGKILL.
"""

import functools
import importlib.machinery
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = "SIMULATE_POINTS"  # the environment's name for the folder of armed points
FIRED = "fired"  # in that folder: the files of those that died
SOON = 0.006  # seconds: inside a call, or after an answer has left


@dataclass(frozen=True)
class Point:
    """A function in a module, and when around it the process dies.

    moment    before it; after it returned; within it, or later than it, by a few thousandths of a second
    process   who dies: a forked child of the worker costs little, web and clock take seconds to come back
    """

    module: str
    function: str
    moment: str
    process: str


def _of(process: str, module: str, **moments: str) -> dict[str, Point]:
    """Points of one module: `name_of_point="moment function"`."""
    found = {name: told.split() for name, told in moments.items()}
    return {name: Point(module, function, moment, process) for name, (moment, function) in found.items()}


ACTIONS = "messaging.actions"
POINTS: dict[str, Point] = {
    **_of(
        "web",
        "messaging.webhooks",
        webhook_heard="before _hear",
        webhook_before_its_answer="after _hear_or_spool",
        webhook_answered="later _hear_or_spool",
        spool_before_put="before _spool",
    ),
    **_of("web", f"{ACTIONS}.inbound", text_before_commit="after _receive", text_kept="after _write"),
    **_of("web", f"{ACTIONS}.hearing", text_committed="after receive_text", status_committed="after take_report"),
    **_of("web", f"{ACTIONS}.status_reports", status_before_commit="after heed_twilio"),
    **_of("web", f"{ACTIONS}.replies", reply_kept="after _keep"),
    **_of("web", "messaging.views.writing", reply_before_commit="after write_reply"),
    **_of("web", "accounts.middleware", page_committed_before_its_answer="after _run"),
    **_of("web", "messaging.bell", committed_before_the_bell="before _publish"),
    **_of("web", f"{ACTIONS}.spool", spool_written="after _write", spool_renamed="before _flush"),
    **_of(
        "worker",
        "jobs.runner",
        job_before_claim="before _claim",
        job_claimed="before _run",
        job_before_outcome="before _set",
        job_outcome_stored="after _set",
        job_given_up="before _give_up",
    ),
    **_of(
        "worker",
        f"{ACTIONS}.delivery",
        send_before_claim_commits="after _claim",
        send_claimed="before send_text",
        send_within_the_call="within send_text",
        send_after_the_call="after send_text",
        send_outcome_before_commit="after adopt",
        send_doubt_before_commit="after not_sure",
    ),
    **_of(
        "worker",
        f"{ACTIONS}.doubts",
        settle_listed="after texts_sent_to",
        settle_before_commit="after _adopt_first",
    ),
    **_of("worker", f"{ACTIONS}.auto_replies", auto_reply_before_commit="after say_by_itself"),
    **_of(
        "worker",
        f"{ACTIONS}.attachments",
        files_listed="after files_of",
        file_fetched="after fetch_file",
        file_drawn="after drawn_anew",
        file_stored="after _store",
    ),
    **_of("worker", f"{ACTIONS}.erasing", erase_asked="after erase_text"),
    **_of("worker", f"{ACTIONS}.text_back", text_back_before_commit="after say_by_itself"),
    **_of("worker", f"{ACTIONS}.voicemails", voicemail_stored="after _store"),
    **_of("web", f"{ACTIONS}.calls", call_before_commit="after _learn"),
    **_of(
        "worker",
        f"{ACTIONS}.reconciling",
        reconcile_next_arranged="after _arrange_next",
        reconcile_listed="after texts_received",
        reconcile_one_taken="after receive_text",
    ),
    **_of(
        "worker",
        "messaging.tasks",
        send_stored_job_open="after deliver",
        settle_stored_job_open="after settle",
        auto_reply_stored_job_open="after answer_automatically",
        files_stored_job_open="after fetch_files",
        reconcile_done_job_open="after reconcile_in_turn",
        erased_job_open="after erase_what_is_settled",
    ),
    **_of(
        "beat",
        f"{ACTIONS}.draining",
        drain_begun="before _hear",
        drain_taken_not_forgotten="after _hear",
    ),
    **_of(
        "beat",
        "audit.sequencer",
        log_before_numbering="after _wait_for_turn",
        log_numbered="after _append",
        log_signed_before_commit="after _sign",
    ),
    **_of("beat", "audit.runner", log_committed="after sequence_all"),
    **_of("beat", "celery.beat", tick_sent="after Scheduler.apply_async"),
}


# A line that Twilio disappoints pauses for up to five minutes; here the quiet afterwards is shorter than that.
SHORTER: dict[str, dict[str, object]] = {
    f"{ACTIONS}.pausing": {"FIRST_PAUSE": timedelta(seconds=3), "LONGEST_PAUSE": timedelta(seconds=10)},
}


def arm(folder: Path, name: str, passing: int) -> None:
    """Have whoever passes a point for so many times from now on die there."""
    draft = folder / f"{name}.new"
    draft.write_text(str(passing))
    draft.rename(folder / name)


def disarm(folder: Path) -> int:
    """Take all points back; return how many nobody had passed."""
    left = [folder / name for name in POINTS if (folder / name).exists()]
    for file in left:
        file.unlink(missing_ok=True)
    return len(left)


def fired(folder: Path) -> Counter[str]:
    """How often somebody died where."""
    return Counter(file.name.partition(".")[0] for file in (folder / FIRED).iterdir())


def watch() -> None:
    """Wrap the named functions in this process, as their modules are imported."""
    folder = os.environ.get(FOLDER)
    if folder and os.environ.get("QUIETLINE_TRIAL") == "1":
        sys.meta_path.insert(0, _Finder(Path(folder)))


class _Finder(MetaPathFinder):
    """Lets the usual finders find a module, and wraps its functions once it has run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules = {point.module for point in POINTS.values()} | set(SHORTER)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._modules:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def run_and_wrap(module: ModuleType) -> None:
            run(module)
            self._wrap(module)

        spec.loader.exec_module = run_and_wrap  # type: ignore[method-assign]  # this one loader, for this one module
        return spec

    def _wrap(self, module: ModuleType) -> None:
        for name, value in SHORTER.get(module.__name__, {}).items():
            setattr(module, name, value)
        for name, point in POINTS.items():
            if point.module == module.__name__:
                holder: Any = module
                *outer, last = point.function.split(".")
                for part in outer:
                    holder = getattr(holder, part)
                setattr(holder, last, _dying(getattr(holder, last), name, point.moment, self._folder))


def _dying(function: Callable[..., Any], name: str, moment: str, folder: Path) -> Callable[..., Any]:
    passed: Counter[int] = Counter()  # by the armed file's own number: a file armed later counts anew

    def die_if_armed(wait: float = 0) -> None:
        # Passed thousands of times, so in the plainest way.
        file = str(folder / name)
        try:
            armed = os.stat(file)  # noqa: PTH116
            with open(file) as told:  # noqa: PTH123
                wanted = int(told.read())
            passed[armed.st_mtime_ns] += 1
            if passed[armed.st_mtime_ns] < wanted:
                return
            os.rename(file, folder / FIRED / f"{name}.{time.time_ns()}")  # noqa: PTH104
        except OSError:
            return  # not armed, or somebody else died here
        if wait:
            threading.Timer(wait, os.kill, (os.getpid(), signal.SIGKILL)).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    @functools.wraps(function)
    def passing(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            die_if_armed()
        elif moment == "within":
            die_if_armed(SOON)
        result = function(*args, **kwargs)
        if moment == "after":
            die_if_armed()
        elif moment == "later":
            die_if_armed(SOON)
        return result

    return passing
