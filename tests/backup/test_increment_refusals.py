"""Increments that are not whole are refused, and the last state that is whole is named; a whole backup follows what
an increment cannot."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone
from pytest_django import Settings

from audit.notes import Signer
from backup import chains, incrementing, stream
from backup.manifest import FILE, Manifest
from backup.parts import SUFFIX
from encryption.offline import Holder
from tests.backup.conftest import MARKS, Back, House, Kept, migrate, prepared_database, resigned, restore, run
from tests.backup.test_refusals import is_untouched
from tests.databases import Database
from tests.doors import sid, text_in

Chain = list[Kept]


@pytest.fixture(scope="module")
def chain(house: House, increment: Back) -> Chain:
    """A whole backup and three increments, each with a text of its own, and a change to that of the one before."""
    made = [increment()]
    for number in range(700, 703):
        text_in(house.line, MARKS[0], From=f"+1{MARKS[3]}", MessageSid=sid(number))
        with psycopg.connect(house.database.dsn_superuser) as connection:
            touch = "UPDATE messaging_message SET created_at = now() WHERE twilio_sid = %s"
            connection.execute(touch, [sid(number - 1)])
        made.append(increment())
    assert [Manifest.read(kept.data, "data").follows is None for kept in made] == [True, False, False, False]
    return made


@pytest.fixture
def unused(house: House) -> Iterator[Database]:
    with prepared_database() as database:
        yield database
        assert is_untouched(database)


def copied(chain: Chain, folder: Path) -> Chain:
    copies = [Kept(folder / "data" / kept.data.name, folder / "keys" / kept.keys.name) for kept in chain]
    for kept, copy in zip(chain, copies, strict=True):
        shutil.copytree(kept.data, copy.data)
        shutil.copytree(kept.keys, copy.keys)
    for file in folder.rglob("*"):
        file.chmod(0o700)
    return copies


def one_is_missing(chain: Chain) -> None:
    shutil.rmtree(chain[2].data)


def one_was_never_finished(chain: Chain) -> None:
    (chain[2].data / FILE).unlink()


def one_was_altered(chain: Chain) -> None:
    file = chain[2].data / f"changes{SUFFIX}"
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)


def one_was_cut(chain: Chain) -> None:
    file = chain[2].data / f"changes{SUFFIX}"
    file.write_bytes(file.read_bytes()[:-1])


def one_says_something_else(chain: Chain) -> None:
    file = chain[2].data / FILE
    file.write_text(file.read_text().replace('"messaging_message": ', '"messaging_message": 1'))


def one_was_signed_anew(chain: Chain) -> None:
    """By somebody who names himself as the next to sign: but it is not the one that the next one follows."""
    keys, signer = Manifest.read(chain[2].data, "data").log_keys, Signer(bytes(range(32)))
    theirs = {"key": str(signer.public), "log_keys": [*keys, str(signer.public)]}
    resigned(chain[2], chain[2].data.parent.parent, "data", signer, **theirs)


def two_changed_places(chain: Chain) -> None:
    first, second, aside = chain[1].data, chain[2].data, chain[1].data.with_name("aside")
    first.rename(aside)
    second.rename(first)
    aside.rename(second)


BROKEN: list[tuple[Callable[[Chain], None], str]] = [
    (one_is_missing, "follows one that is missing"),
    (one_was_never_finished, "follows one that is missing"),
    (one_was_altered, "altered since"),
    (one_was_cut, "cut or added to"),
    (one_says_something_else, "signature does not hold"),
    (one_was_signed_anew, "put there instead"),
    (two_changed_places, "put there instead"),
]


@pytest.mark.parametrize(("spoil", "why"), BROKEN, ids=[spoil.__name__ for spoil, _ in BROKEN])
def test_a_chain_that_is_not_whole_is_refused_and_the_last_whole_state_is_named(
    spoil: Callable[[Chain], None], why: str, house: House, chain: Chain, unused: Database, tmp_path: Path
) -> None:
    copies = copied(chain, tmp_path)
    good = Manifest.read(copies[1].data, "data").at
    spoil(copies)
    code, said = restore(house, copies[3], unused)
    assert (code, why in said) == (2, True), said
    assert f"The last whole state before it is of {good:%Y-%m-%d %H:%M:%S} UTC, in " in said
    assert said.count("\n") == 0


def test_the_state_that_a_refusal_names_can_be_restored(house: House, chain: Chain, tmp_path: Path) -> None:
    copies = copied(chain, tmp_path)
    one_is_missing(copies)
    with prepared_database() as database:
        _, said = restore(house, copies[3], database)
        named = Path(said.rpartition(" in ")[2].rstrip("."))
        code, said = restore(house, Kept(named, copies[3].keys), database)
        assert code == 0, said


def test_increments_without_their_whole_backup_are_nothing(
    house: House, chain: Chain, unused: Database, tmp_path: Path
) -> None:
    copies = copied(chain, tmp_path)
    shutil.rmtree(copies[0].data)
    code, said = restore(house, copies[3], unused)
    assert (code, "No state before it is whole" in said) == (2, True), said


def test_changes_that_do_not_belong_to_the_rows_are_refused(
    house: House, chain: Chain, unused: Database, tmp_path: Path
) -> None:
    """A signature that holds is not enough: each change must find its one row."""
    copies = copied(chain, tmp_path)
    follows = chains.link_to(chains.Half.at(copies[0].data, "data"))
    skipping = resigned(copies[3], tmp_path, "data", follows=follows)
    code, said = restore(house, skipping, unused)
    assert (code, "not of this backup" in said) == (2, True), said


def test_keys_that_are_older_than_an_increment_are_refused(house: House, chain: Chain, unused: Database) -> None:
    code, said = restore(house, Kept(chain[3].data, chain[2].keys), unused)
    assert (code, "older than the data" in said) == (2, True), said


def begins_anew(house: House, why: str) -> None:
    code, said = run("backup", "--increment", "--to", house.folder / "data", "--keys-to", house.folder / "keys")
    assert (code, f"{why} A whole backup: " in said) == (0, True), said
    code, said = run("backup", "--increment", "--to", house.folder / "data", "--keys-to", house.folder / "keys")
    assert (code, "changed rows" in said) == (0, True), said


def test_after_a_migration_a_whole_backup_is_made(house: House, chain: Chain) -> None:
    for target in (["messaging", "0005"], ["messaging"]):
        migrate(*target)
        begins_anew(house, "The tables were brought up to date.")


def test_when_postgresql_has_given_up_its_log_a_whole_backup_is_made(house: House, chain: Chain) -> None:
    with psycopg.connect(house.database.dsn_superuser) as connection:
        slots = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = %s"
        assert connection.execute(slots, [house.database.name]).rowcount == 1
    begins_anew(house, "PostgreSQL no longer tells what changed since the newest backup.")


def test_a_whole_backup_is_made_when_the_last_one_is_of_yesterday(
    house: House, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(incrementing, "LONGEST_CHAIN", timedelta(seconds=-1))
        code, said = run("backup", "--increment", "--to", house.folder / "data", "--keys-to", house.folder / "keys")
    assert (code, "more than a day old. A whole backup" in said) == (0, True), said


def test_a_clock_that_was_wrong_for_a_while_stops_no_increment(
    house: House, increment: Back, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, later = increment(), timezone.now() + timedelta(hours=3)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        ahead = increment()
    assert ahead.data.name > before.data.name
    after = Manifest.read(increment().data, "data")
    assert after.follows and after.follows.id == Manifest.read(before.data, "data").id
    begins_with = Manifest.read(increment().data, "data").follows
    assert begins_with and begins_with.id == after.id


def test_a_whole_backup_is_made_where_the_newest_was_spoilt_or_its_keys_are_gone(house: House, increment: Back) -> None:
    shutil.move(increment().keys, house.folder / "elsewhere")
    begins_anew(house, "The keys of the newest backup are not where they were put.")
    file = increment().data / FILE
    file.chmod(0o600)
    file.write_text(file.read_text().replace('"end": ', '"end": 1'))
    begins_anew(house, "There is no whole backup to follow.")


def test_a_whole_backup_is_made_when_it_is_sealed_to_another_key(
    house: House, increment: Back, settings: Settings
) -> None:
    increment()
    settings.BACKUP_PUBLIC_KEY = str(Holder.new().recipient)
    begins_anew(house, "Backups are sealed to another key now.")


def test_a_server_that_is_not_prepared_for_increments_says_what_to_do(house: House, increment: Back) -> None:
    places = ["--increment", "--to", house.folder / "data", "--keys-to", house.folder / "keys"]
    with psycopg.connect(house.database.dsn_superuser, autocommit=True) as connection:
        connection.execute("DROP PUBLICATION quietline_changes")
        code, said = run("backup", *places)
        connection.execute("CREATE PUBLICATION quietline_changes FOR ALL TABLES")
    assert (code, "let its superuser run tenancy/bootstrap.sql again" in said) == (2, True), said


def test_an_increment_that_would_wait_for_an_open_transaction_for_ever_says_so(
    house: House, increment: Back, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = ["--increment", "--to", house.folder / "data", "--keys-to", house.folder / "keys"]
    with psycopg.connect(house.database.dsn_superuser) as connection:
        slots = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = %s"
        connection.execute(slots, [house.database.name])
        connection.commit()
        connection.execute("SELECT pg_current_xact_id()")
        with monkeypatch.context() as impatient:  # other tests have transactions of their own in the same server
            impatient.setattr(stream, "LONGEST_WAIT", 1)
            code, said = run("backup", *places)
        assert (code, "open for a minute" in said) == (2, True), said
    increment()
