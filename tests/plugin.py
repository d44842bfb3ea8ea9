"""Starts PostgreSQL and Valkey before Django reads its settings, and migrates once into a template.

Each pytest process clones the template in a blink; what it leaves behind goes with the servers.
"""

import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "quietline_template"
_processes: list[subprocess.Popen[bytes]] = []
_folder: Path | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if "TEST_SUPERUSER_PASSWORD" in os.environ:
        return  # a worker: the first process has started everything
    sys.path.insert(0, str(ROOT))
    _start_servers()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cases were made by the tests that make their own."""
    passed = terminalreporter.stats.get("passed", [])
    cases = sum(int(value) for report in passed for name, value in report.user_properties if name == "cases")
    if cases:
        terminalreporter.write_line(f"{cases} cases of addresses and roles")


def pytest_unconfigure() -> None:
    for process in _processes:
        process.send_signal(signal.SIGQUIT if "postgres" in str(process.args) else signal.SIGTERM)
    for process in _processes:
        process.wait(timeout=20)
    _processes.clear()
    if _folder:
        shutil.rmtree(_folder, ignore_errors=True)


def _start_servers() -> None:
    global _folder
    from trial import postgresql, valkey

    _folder = Path(tempfile.mkdtemp(prefix="quietline-test-"))
    _folder.chmod(0o711)
    data, password, port = _folder / "postgresql", secrets.token_hex(16), _free_port()
    data.mkdir(mode=0o700)
    postgresql.initialise(data, password, sync=False)
    _run(postgresql.server_command(data, port, [*postgresql.CARELESS, "max_connections=200"]))

    cache_password, cache_port = secrets.token_hex(16), _free_port()
    configuration = _folder / "valkey.conf"
    valkey.write_configuration(configuration, cache_password)
    _run(valkey.server_command(_folder, cache_port, configuration))

    _wait(lambda: postgresql.answers(port, password))
    _wait(lambda: valkey.answers(cache_port, cache_password))
    postgresql.prepare_database(port, password, password, TEMPLATE)
    _set_environment(port, password, valkey.url(cache_port, cache_password))
    _migrate()


def _set_environment(port: int, password: str, valkey_url: str) -> None:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DATABASE_URL=f"postgresql://quietline_app:{password}@127.0.0.1:{port}/{TEMPLATE}",
        DATABASE_OWNER_URL=f"postgresql://quietline_migrator:{password}@127.0.0.1:{port}/{TEMPLATE}",
        VALKEY_URL=valkey_url,
        PUBLIC_BASE_URL="https://quietline.test",
        SECRET_KEY=secrets.token_urlsafe(50),
        QUIETLINE_ROOT_KEYS=f"{secrets.token_hex(8)}:{key}",
        QUIETLINE_TRIAL="1",
        UNDO_SECONDS="5",  # the stacks of browser tests inherit it: half the wait
        TEST_POSTGRESQL_PORT=str(port),
        TEST_SUPERUSER_PASSWORD=password,
    )


def _migrate() -> None:
    command = [
        sys.executable,
        "manage.py",
        "migrate",
        "--database",
        "owner",
        "--skip-checks",
        "--verbosity",
        "0",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.exit(f"The test database could not be migrated:\n{done.stderr}", returncode=3)


def _run(command: list[str]) -> None:
    from trial.children import dies_with_parent

    log = subprocess.DEVNULL
    _processes.append(
        subprocess.Popen(
            command, stdout=log, stderr=log, cwd="/", start_new_session=True, preexec_fn=dies_with_parent()
        )
    )


def _wait(is_up: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_up():
        if time.monotonic() > deadline:
            pytest.exit("A test server did not answer within 30 seconds.", returncode=3)
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
