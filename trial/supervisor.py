"""The whole stack in its order: servers, then the product, then the word that it is ready."""

import asyncio
import signal
import socket
from collections.abc import Coroutine
from typing import Any

from trial import probes, welcome
from trial.environment import of_product, of_system, python
from trial.folder import DataFolder
from trial.increments import Increments
from trial.options import ROOT, Options
from trial.ports import listen_on
from trial.preparation import Preparation
from trial.process import Child
from trial.say import say
from trial.servers import Servers, open_folder, until
from trial.twin_config import write_twin_config
from trial.valkey import url

PAUSE = 0.2


class Supervisor:
    """One start of the trial, from the lock on its folder to the end of its last process."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.folder = DataFolder(options.data)
        open_folder(self.folder, "bin/up")
        self._listener = listen_on(options.port)
        self._servers = Servers(self.folder)
        self._remember()
        self._preparation = Preparation(self.folder, self._servers.state, self._wish())
        self._web, self._worker, self._beat = self._make_product(self._listener)
        self._twin = self._make_twin()
        self._increments = Increments(self.folder, self._servers.state)

    def _remember(self) -> None:
        """`bin/manage` works with the addresses of the latest start."""
        state, options = self._servers.state, self.options
        twin = f"http://127.0.0.1:{state.twin_port}" if options.demo else ""
        state.address, state.public = options.address, options.public
        state.twilio_api, state.has_twin = options.twilio_api or twin, options.demo
        self.folder.save_state(state)

    def _wish(self) -> str:
        if self.options.demo:
            return "" if self.folder.read("demo.json").get("told") else "--demo"
        return "" if self.folder.read("first-admin.json") else "--first-admin"

    def _make_product(self, listener: socket.socket) -> tuple[Child, Child, Child]:
        environment = {**self.environment(), "PWD": str(ROOT)}
        celery = python("celery", "--workdir", str(ROOT), "-A", "config")
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        clock = ["--schedule", str(self.folder.path / "beat-schedule"), "--pidfile="]
        descriptor = listener.fileno()
        return (
            Child("web", python("trial.web", str(descriptor)), environment, self.folder, pass_fds=(descriptor,)),
            Child("worker", [*celery, "worker", "--concurrency", "2", *quiet], environment, self.folder),
            Child("beat", [*celery, "beat", *clock], environment, self.folder),
        )

    def environment(self) -> dict[str, str]:
        """What web, worker and clock are told."""
        return of_product(self.folder, self._servers.state)

    def tell_twin(self) -> None:
        """Write down for the twin where the product is."""
        write_twin_config(self.folder, self.options)

    def _make_twin(self) -> Child | None:
        if not self.options.demo:
            return None
        files = ["--config", str(self.folder.path / "twin.json"), "--state", str(self.folder.path / "twin-state")]
        ports = ["--port", str(self._servers.state.twin_port), "--mail-port", str(self._servers.state.mail_port)]
        command = python("twin", *ports, *files)
        environment = {**of_system(), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        return Child("twin", command, environment, self.folder)

    async def run(self) -> None:
        """Start, say that it is ready, and keep everything running until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for step in self._steps():
                tasks.create_task(step)
        self._increments.start()
        welcome.show(self.options, self.folder, self._servers.state)
        await self._watch()

    def _steps(self) -> list[Coroutine[Any, Any, None]]:
        return [self._start_servers(), self._preparation.run(), self._start_product(), self._start_twin()]

    async def _start_servers(self) -> None:
        await self._servers.start()
        await self._servers.wait()

    async def _start_product(self) -> None:
        await self._preparation.migrated.wait()
        for child in (self._web, self._worker, self._beat):
            child.start()
        state = self._servers.state
        broker = url(state.valkey_port, state.valkey_password)
        await asyncio.gather(
            until(self._web, probes.http_answers, self.options.port, "/health/ready"),
            until(self._worker, probes.background_answers, broker),
        )
        self._beat.is_ready = True

    async def _start_twin(self) -> None:
        if self._twin is None:
            return
        while not self.folder.read("demo.json"):
            await asyncio.sleep(PAUSE)
        self.tell_twin()
        self._twin.start()
        await until(self._twin, probes.http_answers, self._servers.state.twin_port, "/twin/health")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            for child in self._children():
                child.check()

    def _children(self) -> list[Child]:
        found = [self._web, self._worker, self._beat, self._twin, self._servers.postgresql, self._servers.valkey]
        return [child for child in found if child]

    async def stop(self) -> None:
        """End everything: first who makes work, then who does it, last who keeps it."""
        say("stopping")
        await asyncio.gather(self._preparation.stop(), self._beat.stop(patience=1.5), self._increments.stop())
        doing = [child for child in (self._web, self._worker, self._twin) if child]
        await asyncio.gather(*(child.stop(patience=3) for child in doing))
        await self._servers.stop()
        self._listener.close()
        self.folder.unlock()
        say("stopped")


async def supervise(supervisor: Supervisor) -> None:
    """Run the stack until SIGINT, SIGTERM or SIGHUP."""
    running = asyncio.ensure_future(supervisor.run())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return
    finally:
        await supervisor.stop()
