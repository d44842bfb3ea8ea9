"""A backup is made, restored into an empty database, and the house is as it was."""

from tests.backup.conftest import House, Kept, run
from tests.databases import Database


def test_a_backup_restores_into_an_empty_database(house: House, kept: Kept, empty: Database) -> None:
    code, said = run("restore", *kept.places, "--private-key", house.private, "--into", empty.dsn_owner)
    assert code == 0, said
    print(said)


def test_a_drill_holds(house: House, kept: Kept) -> None:
    code, said = run("drill", *kept.places, "--private-key", house.private, "--without-twilio")
    print(said)
    assert code == 0, said
