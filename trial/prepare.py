"""What must be true before the product serves: roles, tables, files for browsers, the demo. One process.

    python -m trial.prepare DATA [--demo | --first-admin]

Lines on standard output are progress, except MIGRATED: from there on the product may start.
"""

import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from trial import fingerprints, postgresql
from trial.environment import of_owner
from trial.folder import DataFolder, State

MIGRATED = "@migrated"
PATIENCE = 60


def main() -> None:
    folder = DataFolder(Path(sys.argv[1]))
    state = folder.read_state()
    os.environ.update(of_owner(folder, state))
    import django

    django.setup()
    wait_for_database(state)
    done = folder.read("prepared.json")
    if done.get("static") != (wanted := fingerprints.of_static()):
        collect_static()
        folder.write("prepared.json", done := {**done, "static": wanted})
    if done.get("migrations") != (wanted := fingerprints.of_migrations()):
        migrate(state)
        folder.write("prepared.json", done := {**done, "migrations": wanted})
    tell(MIGRATED)
    fill(folder, state, sys.argv[2:])


def wait_for_database(state: State) -> None:
    deadline = time.monotonic() + PATIENCE
    while not postgresql.answers(state.postgresql_port, state.superuser_password):
        if time.monotonic() > deadline:
            sys.exit("PostgreSQL does not answer.")
        time.sleep(0.05)


def migrate(state: State) -> None:
    from django.core.management import call_command

    tell("bringing the database up to date")
    postgresql.prepare_database(state.postgresql_port, state.superuser_password, state.login_password)
    call_command("migrate", database="owner", skip_checks=True, interactive=False, verbosity=0)


def collect_static() -> None:
    from django.core.management import call_command

    tell("preparing the files for browsers")
    call_command("collectstatic", skip_checks=True, interactive=False, clear=True, verbosity=0)


def fill(folder: DataFolder, state: State, wishes: list[str]) -> None:
    """Make what the first start shows. What is there already stays as it is."""
    if "--demo" in wishes:
        make_demo(folder, state)
    if "--first-admin" in wishes:
        from trial.first_admin import invite_first_admin

        folder.write("first-admin.json", invite_first_admin())


def make_demo(folder: DataFolder, state: State) -> None:
    """Two steps: with the first one the twin can start, and the second one texts from it."""
    from trial.demo import make_center
    from trial.story import tell_story

    tell("inventing people and conversations (first start only)")
    if not (demo := folder.read("demo.json")):
        folder.write("demo.json", demo := make_center())
    tell_story(demo, state, urlsplit(state.address).port or 80)
    folder.write("demo.json", {**demo, "told": True})


def tell(what: str) -> None:
    print(what, flush=True)


if __name__ == "__main__":
    main()
