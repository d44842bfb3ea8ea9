"""A copy beside the real database is dropped whatever PostgreSQL does in it meanwhile."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from backup.databases import Database as Place
from backup.new_database import drop_database, new_database
from tenancy.ids import uuid7
from tests.backup.conftest import House, login

# So much to tidy up, and so slowly, that it takes minutes.
LITTER = """
    CREATE TABLE litter (n integer PRIMARY KEY) WITH (autovacuum_vacuum_threshold = 1,
      autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
    INSERT INTO litter SELECT generate_series(1, 100000);
    DELETE FROM litter"""
TIDYING = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND datname = %s"
WITHIN = 60  # seconds


@pytest.fixture
def superuser(house: House) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """The server looks every second whether there is something to tidy up."""
    with psycopg.connect(house.database.dsn_superuser, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum_naptime = 1")
        connection.execute("SELECT pg_reload_conf()")
        yield connection
        connection.execute("ALTER SYSTEM RESET autovacuum_naptime")
        connection.execute("SELECT pg_reload_conf()")


def test_a_copy_is_dropped_while_postgresql_tidies_up_in_it(
    house: House, superuser: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    owner, name = Place.at(house.database.dsn_owner), f"litter_{uuid7().hex}"
    with new_database(owner, name, keep=True) as made, made.connect(autocommit=True) as inside:
        for statement in LITTER.split(";"):
            inside.execute(statement)
    until = time.monotonic() + WITHIN
    while superuser.execute(TIDYING, [name]).fetchone() is None:
        assert time.monotonic() < until, "PostgreSQL did not begin to tidy up"
        time.sleep(0.05)
    drop_database(owner, name)
    assert superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None


def test_a_copy_that_somebody_still_reads_is_dropped_too(house: House) -> None:
    owner, name = Place.at(house.database.dsn_owner), f"read_{uuid7().hex}"
    with new_database(owner, name, keep=True):
        pass
    with psycopg.connect(login("quietline_migrator", name)) as reader:
        reader.execute("SELECT 1")
        drop_database(owner, name)
        with pytest.raises(psycopg.OperationalError):
            reader.execute("SELECT 1")
