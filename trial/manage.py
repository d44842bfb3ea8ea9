"""bin/manage: a command of manage.py on the data of bin/up, whether or not that runs.

bin/manage [--data DIR] COMMAND …
"""

import asyncio
import os
import signal
import sys
import time

from trial import postgresql
from trial.environment import of_owner
from trial.folder import DataFolder
from trial.options import DEFAULT_DATA, ROOT, folder_named
from trial.preparation import Preparation
from trial.servers import Servers
from trial.trouble import Trouble

PATIENCE = 60  # seconds for a stack that is just starting, or for another command to end
HOLDER = "bin/manage"


def main() -> int:
    arguments = sys.argv[1:]
    data = DEFAULT_DATA
    if arguments[:1] == ["--data"] and len(arguments) > 1:
        data, arguments = folder_named(arguments[1]), arguments[2:]
    elif arguments and arguments[0].startswith("--data="):
        data, arguments = folder_named(arguments[0].removeprefix("--data=")), arguments[1:]
    try:
        return manage(DataFolder(data), [sys.executable, str(ROOT / "manage.py"), *arguments])
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return trouble.code


def manage(folder: DataFolder, command: list[str]) -> int:
    """Run a command beside the running stack, or between a start and a stop of the two servers."""
    folder.make()
    deadline = time.monotonic() + PATIENCE
    while not folder.lock(HOLDER):
        if folder.lock_holder() != HOLDER:
            return _beside_the_stack(folder, command, deadline)
        if time.monotonic() > deadline:
            raise Trouble("Another bin/manage works on this data; wait until it has ended.")
        time.sleep(0.2)
    return asyncio.run(_between_start_and_stop(folder, command))


def _beside_the_stack(folder: DataFolder, command: list[str], deadline: float) -> int:
    state = folder.read_state()
    while not (folder.read("prepared.json") and postgresql.answers(state.postgresql_port, state.superuser_password)):
        if time.monotonic() > deadline:
            raise Trouble(f"The database of {folder.path} does not answer.", code=1)
        time.sleep(0.2)
        state = folder.read_state()
    os.execve(command[0], command, of_owner(folder, state))  # noqa: S606  # a list, and no shell


async def _between_start_and_stop(folder: DataFolder, command: list[str]) -> int:
    servers = Servers(folder)
    preparation = Preparation(folder, servers.state)
    try:
        await servers.start()
        await servers.wait()
        await preparation.run()
        return await _run(command, of_owner(folder, servers.state))
    finally:
        await preparation.stop()
        await servers.stop()
        folder.unlock()


async def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run it with our own terminal. Ctrl-C is the command's; we wait for its end."""
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    loop.add_signal_handler(signal.SIGTERM, process.terminate)
    return await process.wait()


if __name__ == "__main__":
    sys.exit(main())
