"""One child process: started, started again when it falls, stopped for good."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from trial.children import dies_with_parent
from trial.folder import DataFolder
from trial.say import say
from trial.trouble import Trouble

STEADY = 60.0  # seconds after which an earlier fall is forgiven
LONGEST_PAUSE = 5.0
FALLS_BEFORE_READY = 3
LOG_TAIL = 15  # lines


@dataclass
class Child:
    """A process of the stack. `stop_with` is the signal that ends it in good order."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: DataFolder
    stop_with: signal.Signals = signal.SIGTERM
    pass_fds: tuple[int, ...] = ()
    before: Callable[[], None] | None = None
    is_ready: bool = False
    _process: asyncio.subprocess.Process | None = None
    _keeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start it, and keep it running until `stop`."""
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def _keep(self) -> None:
        falls = 0
        while True:
            began = time.monotonic()
            code = await self._run()
            falls = 1 if time.monotonic() - began > STEADY else falls + 1
            if not self.is_ready and falls >= FALLS_BEFORE_READY:
                raise Trouble(f"{self.name} does not start; its log ends with:\n{self.log_tail()}", code=1)
            pause = min(2.0 ** (falls - 1), LONGEST_PAUSE)
            say(f"{self.name} ended ({_how(code)}) and is started again in {pause:.0f} s")
            await asyncio.sleep(pause)

    async def _run(self) -> int:
        if self.before:
            self.before()
        with self.folder.open_log(self.name) as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                env={**self.environment, "QUIETLINE_SUPERVISED": str(self.folder.path)},
                cwd="/",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(),
                pass_fds=self.pass_fds,
            )
        code = await self._process.wait()
        self._end_group()
        return code

    def check(self) -> None:
        """Raise what made the keeping impossible, if something did."""
        if self._keeper and self._keeper.done() and not self._keeper.cancelled():
            self._keeper.result()

    async def stop(self, patience: float) -> None:
        """End it and everything it started; whoever does not listen in time is killed."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._process is None:
            return
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(self.stop_with)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), patience)
        self._end_group()
        await self._process.wait()

    def _end_group(self) -> None:
        """Kill what is left of its session, such as a worker's forked processes."""
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def log_tail(self) -> str:
        lines = self.folder.log(self.name).read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL:])


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
