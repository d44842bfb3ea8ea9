"""A backup is made, restored into an empty database, and the house is as it was."""

import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from pytest_django import Settings

from audit.events import Event as Recorded
from audit.models import LogEntry
from backup.keys import holder, recipient
from backup.making import make_backup
from backup.manifest import FILE, Manifest
from backup.parts import new_folder
from backup.problems import Refused
from backup.reading import read_backup
from encryption.envelope import DataKey
from encryption.keystore import destroy_epoch_key
from encryption.models import Key
from encryption.roots import root_keys
from encryption.rotation import replace_signing_key
from jobs.models import Job
from messaging.actions.work import Work
from messaging.models import Conversation, Message
from tenancy.scope import in_center, in_platform
from tests.backup.conftest import MARKS, Back, House, Kept, prepared_database, restore
from tests.databases import Database, connected_to
from tests.doors import sid, text_in

OTHER_ROOT = "0011223344556677:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
RIGHTS = """
    SELECT 'table', relname, relkind::text, relacl::text, relrowsecurity, relforcerowsecurity,
           pg_get_userbyid(relowner)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'policy', tablename || ' ' || policyname, cmd, qual, true, true, with_check FROM pg_policies
    UNION ALL SELECT 'trigger', tgrelid::regclass::text || ' ' || tgname, tgenabled::text,
           tgfoid::regprocedure::text, true, true, '' FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', conrelid::regclass::text || ' ' || conname, contype::text,
           pg_get_constraintdef(oid), convalidated, true, '' FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'function', oid::regprocedure::text, prosrc, proacl::text, prosecdef, true,
           pg_get_userbyid(proowner) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1, 2"""


def look(database: Database, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.dsn_superuser) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def waiting(house: House) -> Path:
    """A webhook that waits in the spool when the backup is made, and is gone from there later."""
    file = house.folder / "spool" / "00000000000000000001-aa.sealed"
    file.write_bytes(b"sealed already")
    return file


@pytest.fixture(scope="module")
def restored(house: House, waiting: Path, back_up: Back) -> Iterator[Database]:
    """The house on a new machine, which knows no root key. What a test does to it is seen by the next one."""
    backup = back_up()
    waiting.unlink()
    with prepared_database() as database, pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "QUIETLINE_ROOT_KEYS", OTHER_ROOT)
        code, said = restore(house, backup, database, "--root-keys-to", house.folder / "root.key")
        assert code == 0, said
        patch.undo()
        yield database


def test_every_right_policy_trigger_and_constraint_is_back(house: House, restored: Database) -> None:
    rights = look(restored, RIGHTS)
    assert {row[0] for row in rights} == {"table", "policy", "trigger", "constraint", "function"}
    assert rights == look(house.database, RIGHTS)


def test_the_application_reads_every_word_of_its_center_and_none_outside(house: House, restored: Database) -> None:
    with connected_to(restored):
        with in_center(house.center.pk):
            bodies = list(Message.objects.order_by("sequence").values_list("body", flat=True))
            assert [message.body for message in Message.objects.filter(direction="in")] == MARKS[:2]
            assert Conversation.objects.get().client.name == MARKS[2]
        assert len(bodies) == 3
        with in_platform():
            assert not Message.objects.exists()


def test_the_log_says_that_a_backup_was_restored(house: House, restored: Database) -> None:
    with connected_to(restored), in_platform():
        assert LogEntry.objects.filter(event=Recorded.BACKUP_RESTORED).count() == 1


def test_webhooks_that_waited_in_the_spool_come_back(restored: Database, waiting: Path) -> None:
    assert waiting.read_bytes() == b"sealed already"


def test_a_new_machine_gets_the_root_keys(house: House, restored: Database) -> None:
    file = house.folder / "root.key"
    assert file.read_text().strip() == settings.QUIETLINE_ROOT_KEYS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_text_that_waited_to_be_sent_is_in_doubt_and_never_sent_twice(house: House, restored: Database) -> None:
    with connected_to(restored), in_center(house.center.pk):
        (reply,) = Message.objects.filter(direction="out")
        assert reply.status == "unknown"
        waiting = Job.objects.waiting().filter(center_id=house.center.pk)
        assert not waiting.filter(kind=Work.AUTO_REPLY).exists()
        assert waiting.filter(kind=Work.SETTLE, subject_id=reply.pk).count() == 3


def test_what_was_erased_since_stays_erased(house: House, back_up: Back, empty: Database) -> None:
    older = back_up()
    with in_center(house.center.pk):
        destroyed = Conversation.objects.get().epoch_id
    with in_platform():
        row = Key.objects.get(owner_id=destroyed)
    destroy_epoch_key(house.center.pk, destroyed)
    try:
        back_up()
        code, said = restore(house, older, empty)
        assert code == 0, said
        assert "destroyed again: 1" in said
        assert look(empty, f"SELECT state, wrapped FROM encryption_key WHERE id = '{row.pk}'") == [("destroyed", b"")]
    finally:
        with in_platform():
            row.save()


def test_a_backup_made_while_people_write_agrees_with_itself(house: House, back_up: Back, empty: Database) -> None:
    stop, written = Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            written += 1
            text_in(house.line, MARKS[0], From=f"+1{MARKS[3]}", MessageSid=sid(1000 + written))
        connections.close_all()

    writer = Thread(target=write)
    writer.start()
    try:
        busy = back_up()
    finally:
        stop.set()
        writer.join()
    assert written > 2, "nobody wrote meanwhile: nothing is shown"
    code, said = restore(house, busy, empty)
    assert code == 0, said


def test_nothing_of_a_backup_can_be_read_without_the_offline_key(house: House, kept: Kept) -> None:
    files = [file for folder in (kept.data, kept.keys) for file in folder.iterdir()]
    written = b"".join(file.read_bytes() for file in files).lower()
    secrets = [key.secret for key in root_keys().values()]
    assert len(files) == 6
    for mark in [*(mark.lower().encode() for mark in MARKS), *secrets, b"messaging_message'", b"pgdmp"]:
        assert mark not in written
    opened = b"".join(read_backup(kept.data, kept.keys).data.pieces("data", holder(house.private)))
    assert opened.startswith(b"PGDMP"), "what is sealed is not the dump: nothing is shown"


def test_the_data_holds_no_key_and_the_keys_hold_no_data(house: House, kept: Kept) -> None:
    backup = read_backup(kept.data, kept.keys)
    assert "encryption_key" not in backup.data.manifest.tables
    assert set(backup.keys.manifest.tables) == {"encryption_key"}
    data = b"".join(backup.data.pieces("data", holder(house.private)))
    with in_platform():
        keys = [bytes(key.wrapped) for key in Key.objects.all()]
    assert keys
    assert not [key for key in keys if key.hex().encode() in data]


def test_a_backup_is_only_ever_added(house: House, kept: Kept, back_up: Back) -> None:
    folders = (house.folder / "data", house.folder / "keys")
    before = {file: file.read_bytes() for folder in folders for file in folder.rglob("*.sealed")}
    back_up()
    assert {file: file.read_bytes() for file in before} == before
    assert {stat.S_IMODE(file.stat().st_mode) for file in [*before, kept.data / FILE]} == {0o400}
    with pytest.raises(Refused, match="File exists"):
        new_folder(kept.data.parent, kept.data.name)


def test_a_backup_without_its_keys_apart_is_not_made(house: House, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="apart"):
        make_backup(tmp_path, tmp_path / "keys", recipient())
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_not_made_with_root_keys_that_do_not_open_it(
    house: House, tmp_path: Path, settings: Settings
) -> None:
    (root,) = root_keys().values()
    wrong = DataKey(root.kid, bytes(range(32)))
    settings.QUIETLINE_ROOT_KEYS = f"{wrong.kid.hex()}:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    with pytest.raises(Refused, match="wrong bytes"):
        make_backup(tmp_path / "data", tmp_path / "keys", recipient())
    assert list(tmp_path.iterdir()) == []


# The last one: it leaves the house with another signing key, which keys kept before do not know.
def test_older_data_opens_with_keys_of_after_the_log_got_another_key(
    house: House, kept: Kept, back_up: Back, empty: Database
) -> None:
    replace_signing_key()
    newer = back_up()
    assert Manifest.read(newer.keys, "keys").key != Manifest.read(kept.data, "data").key
    code, said = restore(house, Kept(kept.data, newer.keys), empty)
    assert code == 0, said
