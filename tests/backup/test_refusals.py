"""A backup that does not fit is refused early, in a sentence, and nothing is changed (OPS-05)."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from audit.notes import Signer
from backup import parts
from backup.manifest import FILE, Manifest
from backup.parts import SUFFIX
from encryption.offline import Holder
from tests.backup.conftest import House, Kept, resigned, restore, run
from tests.databases import Database

Spoil = Callable[[Kept, Path], Kept]
TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"


def is_untouched(database: Database) -> bool:
    with psycopg.connect(database.dsn_superuser) as connection:
        return connection.execute(TABLES).fetchone() == (0,)


def copied(kept: Kept, folder: Path) -> Kept:
    copy = Kept(folder / "data" / kept.data.name, folder / "keys" / kept.keys.name)
    shutil.copytree(kept.data, copy.data)
    shutil.copytree(kept.keys, copy.keys)
    for file in folder.rglob("*"):
        file.chmod(0o700)
    return copy


def cut(kept: Kept, folder: Path) -> Kept:
    file = copied(kept, folder).data / f"data{SUFFIX}"
    file.write_bytes(file.read_bytes()[:-1000])
    return Kept(file.parent, folder / "keys" / kept.keys.name)


def altered(kept: Kept, folder: Path) -> Kept:
    file = copied(kept, folder).keys / f"keystore{SUFFIX}"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return Kept(folder / "data" / kept.data.name, file.parent)


def missing(kept: Kept, folder: Path) -> Kept:
    copy = copied(kept, folder)
    (copy.data / f"spool{SUFFIX}").unlink()
    return copy


def unfinished(kept: Kept, folder: Path) -> Kept:
    copy = copied(kept, folder)
    (copy.data / FILE).unlink()
    return copy


def tampered_manifest(kept: Kept, folder: Path) -> Kept:
    copy = copied(kept, folder)
    text = (copy.data / FILE).read_text()
    (copy.data / FILE).write_text(text.replace('"messaging_message": ', '"messaging_message": 1'))
    return copy


def of_a_later_form(kept: Kept, folder: Path) -> Kept:
    copy = copied(kept, folder)
    text = (copy.keys / FILE).read_text()
    (copy.keys / FILE).write_text(text.replace("quietline-backup 2", "quietline-backup 3"))
    return copy


def swapped(kept: Kept, folder: Path) -> Kept:
    return Kept(kept.keys, kept.data)


def of_a_newer_version(kept: Kept, folder: Path) -> Kept:
    migrations = Manifest.read(kept.data, "data").migrations
    return resigned(kept, folder, "data", migrations=[*migrations, "messaging.9999_later"])


def of_a_newer_server(kept: Kept, folder: Path) -> Kept:
    return resigned(kept, folder, "data", postgresql=990_001)


def of_another_installation(kept: Kept, folder: Path) -> Kept:
    signer = Signer(bytes(range(32)))
    return resigned(kept, folder, "keys", signer, key=str(signer.public), log_keys=[str(signer.public)])


def with_older_keys(kept: Kept, folder: Path) -> Kept:
    at = Manifest.read(kept.data, "data").at
    return resigned(kept, folder, "keys", at=at.replace(year=2020))


def with_another_keystore(kept: Kept, folder: Path) -> Kept:
    return resigned(kept, folder, "keys", migrations=["encryption.0001_initial"])


def without_a_root_key(kept: Kept, folder: Path) -> Kept:
    return resigned(kept, folder, "keys", roots=["ff" * 8])


def sealed_to_another(kept: Kept, folder: Path) -> Kept:
    return resigned(kept, folder, "data", recipient="ee" * 8)


def with_a_lost_row(kept: Kept, folder: Path) -> Kept:
    tables = Manifest.read(kept.data, "data").tables
    return resigned(kept, folder, "data", tables={**tables, "messaging_message": tables["messaging_message"] + 1})


def signed_by_somebody_else(kept: Kept, folder: Path) -> Kept:
    """Whoever has the public key can seal, and may sign with a key of his own."""
    signer = Signer(bytes(range(32)))
    resigned(kept, folder, "keys", signer, key=str(signer.public), log_keys=[str(signer.public)])
    return resigned(kept, folder, "data", signer, key=str(signer.public), log_keys=[str(signer.public)])


def moved_to_another_place(kept: Kept, folder: Path) -> Kept:
    """A part that was sealed for one place, under the name of another."""
    copy = copied(kept, folder)
    manifest = Manifest.read(copy.keys, "keys")
    (copy.keys / f"roots{SUFFIX}").write_bytes((copy.keys / f"keystore{SUFFIX}").read_bytes())
    keystore = manifest.part("keystore")
    assert keystore
    parts = [keystore, type(keystore)("roots", keystore.length, keystore.sha256)]
    return resigned(copy, folder, "keys", parts=parts)


MATRIX: list[tuple[Spoil, str]] = [
    (cut, "cut or added to"),
    (altered, "altered since"),
    (missing, "missing"),
    (unfinished, "no finished backup"),
    (tampered_manifest, "signature does not hold"),
    (of_a_later_form, "newer Quietline"),
    (swapped, "the data are wanted here"),
    (of_a_newer_version, "messaging.9999_later"),
    (of_a_newer_server, "PostgreSQL 99"),
    (of_another_installation, "and the keys are of"),
    (with_older_keys, "older than the data"),
    (with_another_keystore, "keystores differ"),
    (without_a_root_key, "lack root key ffffffffffffffff"),
    (sealed_to_another, "sealed to key eeeeeeeeeeeeeeee"),
    (moved_to_another_place, "does not open"),
    (with_a_lost_row, "messaging_message has"),
    (signed_by_somebody_else, "another installation"),
]


@pytest.mark.parametrize(("spoil", "why"), MATRIX, ids=[spoil.__name__ for spoil, _ in MATRIX])
def test_a_backup_that_does_not_fit_is_refused_and_nothing_is_changed(
    spoil: Spoil, why: str, house: House, kept: Kept, unused: Database, tmp_path: Path
) -> None:
    code, said = restore(house, spoil(kept, tmp_path), unused)
    assert (code, why in said) == (2, True), said
    assert said.count("\n") == 0
    assert is_untouched(unused)


@pytest.fixture(scope="module")
def unused(house: House, django_db_blocker: DjangoDbBlocker) -> Iterator[Database]:
    """An empty database that every refusal leaves empty."""
    from tests.backup.conftest import prepared_database

    with prepared_database() as database:
        yield database


def test_the_same_backup_unspoilt_passes_every_check(house: House, kept: Kept, unused: Database) -> None:
    code, said = restore(house, kept, unused, "--only-check")
    assert code == 0, said
    assert "It can be restored here" in said
    assert is_untouched(unused)


def test_another_private_key_is_refused(house: House, kept: Kept, unused: Database, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_text(Holder.new().text())
    other.chmod(0o600)
    code, said = run("restore", *kept.places, "--private-key", other, "--into", unused.dsn_owner)
    assert (code, "This private key opens key" in said) == (2, True), said
    assert is_untouched(unused)


@pytest.mark.parametrize(("text", "mode", "why"), [("quietline", 0o600, "no private key"), ("", 0o644, "chmod 600")])
def test_a_file_that_is_no_private_key_or_open_to_others_is_refused(
    text: str, mode: int, why: str, house: House, kept: Kept, unused: Database, tmp_path: Path
) -> None:
    file = tmp_path / "private"
    file.write_text(text)
    file.chmod(mode)
    code, said = run("restore", *kept.places, "--private-key", file, "--into", unused.dsn_owner)
    assert (code, why in said) == (2, True), said


def test_other_root_keys_here_are_refused_unless_the_backups_own_are_wanted(
    house: House, kept: Kept, unused: Database, settings: Settings
) -> None:
    settings.QUIETLINE_ROOT_KEYS = "0011223344556677:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
    code, said = restore(house, kept, unused)
    assert (code, "--root-keys-to" in said) == (2, True), said
    assert is_untouched(unused)


def test_a_database_with_tables_is_refused_and_keeps_them(house: House, kept: Kept) -> None:
    code, said = restore(house, kept, house.database)
    assert (code, "already holds tables" in said) == (2, True), said
    assert not is_untouched(house.database)


def test_a_database_that_was_not_prepared_is_refused(house: House, kept: Kept, empty: Database) -> None:
    with psycopg.connect(empty.dsn_superuser) as connection:
        connection.execute("REVOKE ALL ON SCHEMA public FROM quietline_owner")
    code, said = restore(house, kept, empty)
    assert (code, "bootstrap.sql" in said) == (2, True), said


UNREACHABLE = [
    "not an address",
    "postgresql://nobody:wrong@127.0.0.1:1/none",
    "postgresql://x:wrong@192.0.2.1/in_clear",
]


@pytest.mark.parametrize("url", UNREACHABLE)
def test_a_database_that_cannot_be_reached_is_refused(url: str, house: House, kept: Kept) -> None:
    code, said = run("restore", *kept.places, "--private-key", house.private, "--into", url)
    assert code == 2
    assert "wrong" not in said


def test_keys_that_do_not_know_who_signed_a_later_backup_are_refused(
    house: House, kept: Kept, unused: Database, tmp_path: Path
) -> None:
    """What was erased since is said there, and whoever says it must be known."""
    resigned(kept, tmp_path, "data")
    later, signer = copied(kept, tmp_path / "later"), Signer(bytes(range(32)))
    keys = [*Manifest.read(kept.data, "data").log_keys, str(signer.public)]
    later = resigned(later, tmp_path / "later", "data", signer, key=keys[-1], log_keys=keys)
    shutil.copytree(later.data, tmp_path / "data" / "later")
    ours = Kept(tmp_path / "data" / kept.data.name, tmp_path / "keys" / kept.keys.name)
    code, said = restore(house, ours, unused)
    assert (code, "as new as it" in said) == (2, True), said
    assert is_untouched(unused)


def test_a_new_database_is_made_checked_and_dropped_again(house: House, kept: Kept) -> None:
    name = f"new_{house.center.pk.hex[-8:]}"
    arguments = [*kept.places, "--private-key", house.private, "--into-new"]
    assert run("restore", *arguments, name, "--only-check")[0] == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(Database(name).dsn_superuser)
    code, said = run("restore", *arguments, house.database.name)
    assert (code, "cannot be made" in said) == (2, True), said


def test_a_key_pair_never_replaces_another(house: House, tmp_path: Path) -> None:
    before = (house.folder / "backup.public").read_text()
    assert run("backup_key", "--private-to", tmp_path / "second.key")[0] == 2
    assert run("backup_key", "--private-to", house.private)[0] == 2
    assert (house.folder / "backup.public").read_text() == before
    assert not (tmp_path / "second.key").exists()


def test_a_backup_that_finds_no_room_or_no_reader_says_so_and_leaves_no_manifest(
    house: House, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = ["--to", tmp_path / "data", "--keys-to", tmp_path / "keys"]

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(parts, "_flush", full)
        code, said = run("backup", *places)
    assert (code, "No space left" in said) == (2, True), said
    settings.DATABASE_BACKUP_URL = house.reader.replace("quietline_backup:", "quietline_backup:wrong")
    code, said = run("backup", *places)
    assert (code, "does not let quietline_backup in" in said) == (2, True), said
    settings.POSTGRESQL_PROGRAMS = str(tmp_path)
    settings.DATABASE_BACKUP_URL = house.reader
    code, said = run("backup", *places)
    assert (code, "pg_dump was not found" in said) == (2, True), said
    settings.BACKUP_PUBLIC_KEY_PATH = ""
    assert run("backup", *places)[0] == 2
    assert not list(tmp_path.rglob(FILE))
