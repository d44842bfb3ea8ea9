"""A small house with every kind of sealed row, its offline key, and one backup that most tests share."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as live
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from accounts.actions.centers import add_center
from accounts.models import Center, Role
from audit.context import Actor, acting
from audit.guard import audited
from audit.notes import Signer
from backup.manifest import FILE, Manifest
from encryption.keystore import signing_key_bytes
from messaging.actions.lines import add_line
from messaging.actions.notes import write_note
from messaging.actions.replies import write_reply
from messaging.models import Attachment, Conversation, Line, Template
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.cast import ACCOUNT, LINE_NUMBER, TOKEN, employ
from tests.databases import Database, clone, connected_to, drop
from tests.doors import sid, text_in
from trial.postgresql import login_dsn, prepare_database, programs

MARKS = ["cinnabar willow one", "cinnabar willow two", "Cinnabaria", "6145550171"]


@dataclass(frozen=True)
class House:
    """An installation, and where its backups go."""

    database: Database
    center: Center
    line: Line
    folder: Path

    @property
    def private(self) -> Path:
        return self.folder / "offline.key"

    @property
    def reader(self) -> str:
        return login("quietline_backup", self.database.name)


def login(role: str, name: str) -> str:
    return login_dsn(role, int(os.environ["TEST_POSTGRESQL_PORT"]), os.environ["TEST_SUPERUSER_PASSWORD"], name)


@pytest.fixture(scope="module")
def house(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Committed for real: pg_dump is another process."""
    folder, database = tmp_path_factory.mktemp("house"), clone(f"house_{uuid7().hex}")
    (folder / "spool").mkdir()
    with psycopg.connect(database.dsn_superuser) as connection:
        # As in production: the test server is slow to use its disk, and what is not there is in no increment.
        connection.execute(f"ALTER DATABASE {database.name} SET synchronous_commit = on")
    with django_db_blocker.unblock(), connected_to(database), pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "DATABASE_BACKUP_URL", login("quietline_backup", database.name))
        patch.setattr(live, "POSTGRESQL_PROGRAMS", str(programs()))
        patch.setattr(live, "BACKUP_PUBLIC_KEY_PATH", str(folder / "backup.public"))
        patch.setattr(live, "SPOOL_PATH", str(folder / "spool"))
        with acting(Actor.command("test")):
            yield furnished(database, folder)
    drop(database)


def furnished(database: Database, folder: Path) -> House:
    center = add_center("Harbor House", quiet_name="Harbor", time_zone="America/New_York")
    line = add_line(center, number=LINE_NUMBER, account_sid=ACCOUNT, auth_token=TOKEN)
    naomi = employ(center, "Naomi", Role.SPECIALIST)
    for number, words in enumerate(MARKS[:2]):
        assert text_in(line, words, From=f"+1{MARKS[3]}", MessageSid=sid(number + 1)).status_code == 200
    with in_center(center.pk), audited():
        conversation = Conversation.objects.get()
        conversation.client.name = MARKS[2]
        conversation.client.save()
        write_note(conversation, by=naomi, body=MARKS[0], client_key=uuid7())
        conversation.refresh_from_db()
        write_reply(conversation, by=naomi, body=MARKS[1], last_sequence=conversation.sequence, client_key=uuid7())
        for position in range(5):
            Attachment.objects.create(
                center=center,
                message=conversation.messages.first(),
                epoch=conversation.epoch_id,
                position=position,
                state="stored",
                content=MARKS[0].encode() * 2000,
            )
        Template.objects.create(center=center, name="Hours", body=MARKS[1])
    call_command("backup_key", private_to=folder / "offline.key", stdout=StringIO())
    return House(database, center, line, folder)


def run(command: str, *arguments: object, **options: object) -> tuple[int, str]:
    """A command's exit code, and what it said to whoever runs it."""
    said = StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=said, **options)
    except CommandError as refusal:
        return refusal.returncode, str(refusal)
    except SystemExit as ended:
        return int(ended.code or 0), said.getvalue()
    return 0, said.getvalue()


def migrate(*target: str) -> None:
    """Bring the house's tables to another version, as their owner, who then leaves: other houses have other owners."""
    call_command("migrate", *target, database="owner", skip_checks=True, interactive=False, stdout=StringIO())
    connections["owner"].close()
    connections["owner"].close_pool()


@dataclass(frozen=True)
class Kept:
    """A backup's two folders."""

    data: Path
    keys: Path

    @property
    def places(self) -> list[object]:
        return ["--from", self.data, "--keys-from", self.keys]


Back = Callable[[], Kept]


@pytest.fixture(scope="module")
def back_up(house: House) -> Back:
    """Make a whole backup by the command."""
    return lambda: made(house)


@pytest.fixture(scope="module")
def increment(house: House) -> Back:
    """Make an increment by the command."""
    return lambda: made(house, "--increment")


def made(house: House, *how: str) -> Kept:
    code, said = run("backup", *how, "--to", house.folder / "data", "--keys-to", house.folder / "keys")
    assert code == 0, said
    places = dict(line.split(maxsplit=1) for line in said.splitlines()[1:3])
    return Kept(Path(places["data"]), Path(places["keys"]))


@pytest.fixture(scope="module")
def kept(back_up: Back) -> Kept:
    return back_up()


@contextmanager
def prepared_database() -> Iterator[Database]:
    name = f"empty_{uuid7().hex}"
    prepare_database(int(os.environ["TEST_POSTGRESQL_PORT"]), *[os.environ["TEST_SUPERUSER_PASSWORD"]] * 2, name)
    yield Database(name)
    drop(Database(name))


@pytest.fixture
def empty(house: House) -> Iterator[Database]:
    """A database as it is made for a new installation."""
    with prepared_database() as database:
        yield database


def restore(house: House, kept: Kept, into: Database, *more: object) -> tuple[int, str]:
    return run("restore", *kept.places, "--private-key", house.private, "--into", into.dsn_owner, *more)


def resigned(kept: Kept, folder: Path, half: str, signer: Signer | None = None, **changes: object) -> Kept:
    """A copy of a backup in which one half says something else, under a signature that holds."""
    copy = Kept(folder / "data" / kept.data.name, folder / "keys" / kept.keys.name)
    for place in ("data", "keys"):
        if not getattr(copy, place).exists():
            shutil.copytree(getattr(kept, place), getattr(copy, place))
    place = getattr(copy, half)
    manifest = replace(Manifest.read(place, half), **changes)  # type: ignore[arg-type]
    (place / FILE).unlink()
    manifest.write(place, signer or Signer(signing_key_bytes()))
    return copy
