"""Increments of a backup every few minutes, from the moment that `bin/manage backup_key` has made a key for them.

Each is a process that lives for a second or two: nothing of it stays in memory meanwhile.
"""

import asyncio
import contextlib
import os
import signal
import sys

from trial.children import dies_with_parent
from trial.environment import of_owner
from trial.folder import DataFolder, State
from trial.options import ROOT
from trial.say import say

EVERY = 240.0  # seconds; with the second that one takes, less than five minutes are lost with the disk
LOOK = 5.0  # seconds between two looks for the key


class Increments:
    """Makes them while it runs. One that fails is said once, stands in the log, and is tried again in its turn."""

    def __init__(self, folder: DataFolder, state: State) -> None:
        self.folder, self.state = folder, state
        self._keeper: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def _keep(self) -> None:
        failed = False
        while True:
            if not (self.folder.path / "backup.public").exists():
                await asyncio.sleep(LOOK)
                continue
            code = await self._make_one()
            if code and not failed:
                say("no increment of the backup could be made; logs/backup.log says why")
            failed = bool(code)
            await asyncio.sleep(EVERY)

    async def _make_one(self) -> int:
        places = ["--to", str(self.folder.backups / "data"), "--keys-to", str(self.folder.backups / "keys")]
        with self.folder.open_log("backup") as log:
            self._process = await asyncio.create_subprocess_exec(
                *[sys.executable, str(ROOT / "manage.py"), "backup", "--increment", *places],
                env={**of_owner(self.folder, self.state), "QUIETLINE_SUPERVISED": str(self.folder.path)},
                cwd="/",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(),
            )
        return await self._process.wait()

    async def stop(self) -> None:
        """End it, and what it does: an increment that was not finished is none."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
