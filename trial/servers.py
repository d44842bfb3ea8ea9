"""PostgreSQL and Valkey of one data folder: the two that everything else stands on."""

import asyncio
import signal
from collections.abc import Callable

from trial import postgresql, valkey
from trial.environment import of_system
from trial.folder import DataFolder
from trial.leftovers import end_leftovers
from trial.ports import free_port
from trial.process import Child
from trial.say import say
from trial.trouble import Trouble

PATIENCE = 60  # seconds until something must answer
PAUSE = 0.1


class Servers:
    """Starts and stops both. The caller holds the folder's lock."""

    def __init__(self, folder: DataFolder) -> None:
        postgresql.programs(), valkey.program()  # say what is missing before anything is made
        self.folder = folder
        end_leftovers(folder.path)
        self.state = folder.read_state()
        self._choose_ports()
        self._check_root_key()
        self.postgresql = self._make_postgresql()
        self.valkey = self._make_valkey()

    async def start(self) -> None:
        """Start both; returns before they answer."""
        self.valkey.start()
        if not self.folder.cluster.exists():
            say("making the database's files (first start only)")
            await asyncio.to_thread(postgresql.make_cluster, self.folder.cluster, self.state.superuser_password)
        self.postgresql.start()

    async def wait(self) -> None:
        """Return when both let us in."""
        state = self.state
        await asyncio.gather(
            until(self.postgresql, postgresql.answers, state.postgresql_port, state.superuser_password),
            until(self.valkey, valkey.answers, state.valkey_port, state.valkey_password),
        )

    async def stop(self) -> None:
        await asyncio.gather(self.postgresql.stop(patience=3), self.valkey.stop(patience=2))

    def _choose_ports(self) -> None:
        """Keep the ports of the start before, unless somebody else has taken one."""
        state = self.state
        state.postgresql_port = free_port(state.postgresql_port)
        state.valkey_port = free_port(state.valkey_port)
        state.twin_port = free_port(state.twin_port)
        state.mail_port = free_port(state.mail_port)
        self.folder.save_state(state)

    def _check_root_key(self) -> None:
        """Make the key that wraps all others, once. It is never made anew over sealed data."""
        if self.folder.root_key.exists():
            return
        if self.folder.cluster.exists():
            raise Trouble(f"{self.folder.root_key} is missing, and nothing sealed opens without it; put it back.")
        from encryption.roots import new_root_key_line

        self.folder.write_text("root.key", new_root_key_line() + "\n")

    def _make_postgresql(self) -> Child:
        cluster = self.folder.cluster
        command = postgresql.server_command(cluster, self.state.postgresql_port)
        child = Child("postgresql", command, of_system(), self.folder, stop_with=signal.SIGINT)
        child.before = lambda: postgresql.forget_stale_pid(cluster)
        return child

    def _make_valkey(self) -> Child:
        configuration = self.folder.valkey / "valkey.conf"
        valkey.write_configuration(configuration, self.state.valkey_password)
        command = valkey.server_command(self.folder.valkey, self.state.valkey_port, configuration)
        return Child("valkey", command, of_system(), self.folder)


def open_folder(folder: DataFolder, holder: str) -> None:
    """Make and lock the folder, or say who has it."""
    folder.make()
    if not folder.lock(holder):
        raise Trouble(f"{folder.path} is in use by {folder.lock_holder()}; stop that first, or choose another --data.")


async def until(child: Child, probe: Callable[..., bool], *arguments: object) -> None:
    """Return when the child answers; raise what keeps it from starting."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not await asyncio.to_thread(probe, *arguments):
        child.check()
        if asyncio.get_running_loop().time() > deadline:
            raise Trouble(f"{child.name} does not answer; its log ends with:\n{child.log_tail()}", code=1)
        await asyncio.sleep(PAUSE)
    child.is_ready = True
    say(f"{child.name} answers")
