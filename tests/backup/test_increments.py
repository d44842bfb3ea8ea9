"""A whole backup and its increments are, row by row, the database at the moment of the last one (OPS-03)."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import psycopg
import pytest
from django.db import connections
from psycopg.errors import DeadlockDetected, UniqueViolation

from audit.context import Actor, acting
from backup.changes import Relation, parse
from backup.framing import messages
from backup.incrementing import make_increment
from backup.keys import holder, recipient
from backup.making import Made
from backup.manifest import Manifest
from backup.reading import read_backup
from backup.restoring import restore_tables
from backup.snapshot import LEFT_OUT
from backup.stream import LOCK
from encryption.keystore import destroy_epoch_key
from encryption.models import Key
from encryption.offline import Recipient
from messaging.models import Conversation, Message
from tenancy.scope import in_center, in_platform
from tests.backup.conftest import MARKS, Back, House, Kept, prepared_database, restore, run
from tests.backup.test_round_trip import look
from tests.databases import Database, connected_to
from tests.doors import sid, text_in

ROUNDS, WRITERS = 6, 4
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
WRITTEN_AFTERWARDS = "backup_standing"  # says that the increment was made
# Two rows whose sizes always add up to this, changed together in one transaction.
PAIR = 1000
SCENE = """
    CREATE TABLE public.scene (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), size integer, words text, raw bytea);
    CREATE TABLE public.scene_pair (id integer PRIMARY KEY, size integer);
    INSERT INTO scene_pair VALUES (1, 400), (2, 600);
    ALTER TABLE scene ALTER words SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL;
    INSERT INTO scene (size, words, raw) SELECT n, repeat(md5(n::text), 300), sha256(n::text::bytea)
      FROM generate_series(1, 200) n;
    GRANT SELECT ON scene, scene_pair TO quietline_backup;
    ALTER TABLE scene OWNER TO quietline_owner; ALTER TABLE scene_pair OWNER TO quietline_owner"""
ONE = "(SELECT id FROM scene ORDER BY random() LIMIT 1)"
ACTS = [
    "INSERT INTO scene (size, words) VALUES (%(n)s, repeat(md5(%(n)s::text), %(n)s %% 400))",
    "INSERT INTO scene (size, raw) SELECT %(n)s, decode(repeat('00ff5c27', %(n)s %% 3000), 'hex')",
    f"UPDATE scene SET size = %(n)s WHERE id = {ONE}",  # the long words stay where they are, and are not told again
    f"UPDATE scene SET words = E'a\\tb\\\\c\\nñü' || %(n)s, raw = NULL WHERE id = {ONE}",
    f"UPDATE scene SET id = gen_random_uuid() WHERE id = {ONE}",
    f"DELETE FROM scene WHERE id = {ONE}",
    f"WITH gone AS (DELETE FROM scene WHERE id = {ONE} RETURNING *) INSERT INTO scene_again SELECT * FROM gone",
    "UPDATE scene_pair SET size = CASE id WHEN 1 THEN %(n)s %% 1000 ELSE 1000 - %(n)s %% 1000 END",
    "UPDATE messaging_message SET created_at = created_at + interval '1 microsecond'",
]


@pytest.fixture(scope="module")
def scene(house: House) -> House:
    with psycopg.connect(house.database.dsn_superuser) as connection:
        connection.execute(SCENE)
        connection.execute("CREATE TABLE scene_again (LIKE scene INCLUDING ALL)")
        connection.execute("ALTER TABLE scene_again OWNER TO quietline_owner")
    return house


def rows(database: Database) -> dict[str, list[str]]:
    """Every row of every table as text, but for those that a backup leaves out."""
    with psycopg.connect(database.dsn_superuser) as connection:
        tables = [name for (name,) in connection.execute(TABLES).fetchall() if name != LEFT_OUT]
        return {name: sorted(row[0] for row in connection.execute(f"SELECT t::text FROM {name} t")) for name in tables}


def counted(database: Database) -> dict[str, int]:
    with psycopg.connect(database.dsn_superuser) as connection:
        return {name: value for name, value in connection.execute(SEQUENCES).fetchall() if value}


@contextmanager
def restored(house: House, kept: Kept) -> Iterator[Database]:
    """The tables alone, as they were: nothing has been settled in."""
    from backup.databases import Database as Place

    with prepared_database() as database:
        backup = read_backup(kept.data, kept.keys)
        found = restore_tables(backup, holder(house.private), Place.at(database.dsn_owner))
        assert found.tables == backup.tables
        yield database


def writing(house: House, seed: int, stop: Event) -> None:
    """Acts in transactions of random length. Some stay open for a while, some are taken back, in part or whole."""
    chance = random.Random(seed)
    with psycopg.connect(house.database.dsn_superuser) as connection:
        while not stop.is_set():
            for _ in range(chance.randint(1, 12)):
                with connection.transaction(force_rollback=chance.random() < 0.15):
                    connection.execute("SET LOCAL deadlock_timeout = '20ms'")
                    # Of two who are in each other's way one gives up: that is part of what a log of changes holds.
                    with suppress(DeadlockDetected, UniqueViolation), connection.transaction():
                        connection.execute(chance.choice(ACTS), {"n": chance.randint(1, 10**6)})
            stop.wait(chance.choice([0, 0, 0.01, 0.3]))
            connection.rollback() if chance.random() < 0.2 else connection.commit()


@contextmanager
def many_writers(house: House) -> Iterator[None]:
    stop = Event()
    with ThreadPoolExecutor() as threads:
        at_work = [threads.submit(writing, house, seed, stop) for seed in range(WRITERS)]
        at_work.append(threads.submit(texting, house, stop))
        try:
            yield
        finally:
            stop.set()
    for each in at_work:
        each.result()


def texting(house: House, stop: Event) -> None:
    """Texts come in by the real door: keys are made, entries of the log are numbered, checkpoints signed."""
    number = 5000
    while not stop.is_set():
        number += 1
        text_in(house.line, MARKS[0], From=f"+1614{number:07}", MessageSid=sid(number))
    connections.close_all()


def test_increments_taken_while_people_write_restore_to_the_very_rows(scene: House, increment: Back) -> None:
    taken = []
    with many_writers(scene):
        for _ in range(ROUNDS):
            taken.append(increment())
    last = increment()
    kinds = [Manifest.read(kept.data, "data").follows is not None for kept in (*taken, last)]
    assert kinds == [False] + [True] * ROUNDS, "the first is whole, and all others follow it"
    with restored(scene, last) as copy:
        ours, theirs = rows(scene.database), rows(copy)
        assert ours.keys() == theirs.keys()
        assert len(ours["scene"]) > 100 and len(ours["scene_again"]) > 0, "nothing was written: nothing is shown"
        assert {table for table in ours if ours[table] != theirs[table]} <= {WRITTEN_AFTERWARDS}
        assert counted(copy) == counted(scene.database)
    for kept in taken[2::2]:
        with restored(scene, kept) as copy, psycopg.connect(copy.dsn_superuser) as connection:
            assert connection.execute("SELECT sum(size) FROM scene_pair").fetchone() == (PAIR,), "half a transaction"


def test_an_increment_reads_what_was_written_and_not_the_tables(scene: House, increment: Back) -> None:
    increment()
    scans = "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables WHERE relname LIKE 'scene%'"
    with psycopg.connect(scene.database.dsn_superuser, autocommit=True) as connection:
        connection.execute("UPDATE scene_pair SET size = size")
        connection.execute("SELECT pg_stat_force_next_flush()")
        before = connection.execute(scans).fetchone()
        increment()
        connection.execute("SELECT pg_stat_clear_snapshot()")
        assert connection.execute(scans).fetchone() == before


def test_an_increment_is_restored_and_drilled_by_the_commands(house: House, increment: Back, empty: Database) -> None:
    increment()
    text_in(house.line, MARKS[1], From=f"+1{MARKS[3]}", MessageSid=sid(31))
    last = increment()
    code, said = restore(house, last, empty)
    assert (code, "increments: " in said) == (0, True), said
    with connected_to(empty), in_center(house.center.pk):
        assert [message.body for message in Message.objects.filter(twilio_sid=sid(31))] == [MARKS[1]]
    code, said = run("drill", *last.places, "--private-key", house.private, "--without-twilio")
    assert code == 0, said


def test_a_drill_of_this_moment_proves_the_way_of_an_increment_and_takes_nothing_from_those_that_are_kept(
    house: House, increment: Back
) -> None:
    before = increment()
    text_in(house.line, MARKS[1], From=f"+1{MARKS[3]}", MessageSid=sid(33))
    code, said = run("drill", "--without-twilio")
    assert (code, "increments: 1" in said) == (0, True), said
    after = increment()
    follows = Manifest.read(after.data, "data").follows
    assert follows and follows.id == Manifest.read(before.data, "data").id
    with restored(house, after) as copy:
        assert look(copy, f"SELECT count(*) FROM messaging_message WHERE twilio_sid = '{sid(33)}'") == [(1,)]


def test_what_was_erased_in_an_increment_stays_erased_in_every_state_before_it(
    house: House, increment: Back, empty: Database
) -> None:
    before = increment()
    with in_center(house.center.pk):
        epoch = Conversation.objects.earliest("created_at").epoch_id
    with in_platform():
        row = Key.objects.get(owner_id=epoch)
    destroy_epoch_key(house.center.pk, epoch)
    try:
        since = increment()
        assert Manifest.read(since.data, "data").destroyed == [bytes(row.kid).hex()]
        state = f"SELECT state, wrapped FROM encryption_key WHERE id = '{row.pk}'"
        with restored(house, since) as copy:
            assert look(copy, state) == [("destroyed", b"")]
        code, said = restore(house, before, empty)
        assert (code, "destroyed again: 1" in said) == (0, True), said
        assert look(empty, state) == [("destroyed", b"")]
    finally:
        with in_platform():
            row.save()


def test_an_increment_keeps_data_and_keys_apart_and_shows_nothing(house: House, increment: Back) -> None:
    increment()
    text_in(house.line, MARKS[0], From="+16145550199", MessageSid=sid(32))  # a new client, so new keys
    last = increment()
    backup, key = read_backup(last.data, last.keys), holder(house.private)
    data, keys = (list(messages(half.pieces("changes", key))) for half in (backup.data, backup.keys))
    assert tables_in(keys) == {"encryption_key"}
    assert {"messaging_message", "audit_logentry"} < tables_in(data)
    assert not {"encryption_key", LEFT_OUT} & tables_in(data)
    with in_platform():
        wrapped = bytes(Key.objects.latest("created_at").wrapped).hex().encode()
    assert any(wrapped in message for message in keys), "no new key: nothing is shown"
    assert not any(wrapped in message for message in data)
    written = b"".join(file.read_bytes() for folder in (last.data, last.keys) for file in folder.iterdir()).lower()
    assert not [mark for mark in (*MARKS, "6145550199", "messaging_message'") if mark.lower().encode() in written]


def tables_in(told: list[bytes]) -> set[str]:
    return {message.table for message in map(parse, told) if isinstance(message, Relation)}


def test_who_was_signed_in_is_in_no_increment(house: House, increment: Back) -> None:
    increment()
    with psycopg.connect(house.database.dsn_superuser) as connection:
        connection.execute("INSERT INTO django_session VALUES ('a', 'b', now())")
    with restored(house, increment()) as copy:
        assert look(copy, "SELECT count(*) FROM django_session") == [(0,)]


@pytest.mark.parametrize(("dies", "number"), [("keys", 41), ("data", 51)])
def test_an_increment_that_dies_before_it_is_finished_is_made_good_by_the_next(
    dies: str, number: int, house: House, increment: Back, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = increment()
    text_in(house.line, MARKS[1], From=f"+1{MARKS[3]}", MessageSid=sid(number))
    written = Manifest.write

    def killed(manifest: Manifest, *given: object) -> None:
        if manifest.kind == dies:
            raise KeyboardInterrupt
        written(manifest, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Manifest, "write", killed)
        increment()
    after = increment()
    follows = Manifest.read(after.data, "data").follows
    assert follows and follows.id == Manifest.read(before.data, "data").id
    text_in(house.line, MARKS[1], From=f"+1{MARKS[3]}", MessageSid=sid(number + 1))
    with restored(house, increment()) as copy:
        assert rows(copy)["messaging_message"] == rows(house.database)["messaging_message"]


def test_two_backups_are_never_made_at_once(house: House, increment: Back) -> None:
    """Each ends before the next one looks: what both are told of would be in neither, or in both."""
    before = increment()
    places = (house.folder / "data", house.folder / "keys", recipient())
    with psycopg.connect(house.database.dsn_superuser, autocommit=True) as other, ThreadPoolExecutor() as threads:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        waiting = [threads.submit(making_one, places) for _ in range(2)]
        assert not wait(waiting, timeout=1).done
        other.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        made = sorted((done.result() for done in waiting), key=lambda one: one.manifest.at)
    links = [one.manifest.follows.id for one in made if one.manifest.follows]
    assert links == [Manifest.read(before.data, "data").id, made[0].manifest.id]


def making_one(places: tuple[Path, Path, Recipient]) -> Made:
    with acting(Actor.command("backup")):
        made = make_increment(*places)
    connections.close_all()
    return made


def test_every_table_can_tell_its_rows_apart(house: House) -> None:
    """PostgreSQL refuses to change a row of a table that is published and has no primary key."""
    without = """
        SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary)"""
    assert look(house.database, without) == []
