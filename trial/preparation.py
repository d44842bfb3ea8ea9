"""Runs `trial.prepare` when something changed since the last start, and passes its progress on."""

import asyncio
import contextlib

from trial import fingerprints, prepare
from trial.children import dies_with_parent
from trial.environment import of_owner, python
from trial.folder import DataFolder, State
from trial.say import say
from trial.trouble import Trouble

LOG_TAIL = 15  # lines


class Preparation:
    """One run of it. `migrated` is done as soon as the product may start."""

    def __init__(self, folder: DataFolder, state: State, wish: str = "") -> None:
        self.folder, self.state, self._wish = folder, state, wish
        self.migrated = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    def is_needed(self) -> bool:
        done = self.folder.read("prepared.json")
        return bool(self._wish) or done != {
            "static": fingerprints.of_static(),
            "migrations": fingerprints.of_migrations(),
        }

    async def run(self) -> None:
        """Do it, if there is anything to do."""
        if self.is_needed():
            await self._run()
        self.migrated.set()

    async def _run(self) -> None:
        with self.folder.open_log("prepare") as log:
            self._process = await asyncio.create_subprocess_exec(
                *python("trial.prepare", str(self.folder.path), *filter(None, [self._wish])),
                env={**of_owner(self.folder, self.state), "QUIETLINE_SUPERVISED": str(self.folder.path)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(),
            )
        await self._pass_on(self._process)
        if await self._process.wait():
            raise Trouble(f"The data could not be prepared; the log ends with:\n{self._log_tail()}", code=1)

    async def _pass_on(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        async for line in process.stdout:
            if (what := line.decode().strip()) == prepare.MIGRATED:
                self.migrated.set()
            else:
                say(what)

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def _log_tail(self) -> str:
        return "\n".join(self.folder.log("prepare").read_text(errors="replace").splitlines()[-LOG_TAIL:])
