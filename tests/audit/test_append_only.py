"""The log can be added to and read. Neither the product's role nor its owner changes a line of it."""

import psycopg
import pytest
from django.core.management import CommandError, call_command

from audit.models import LogEntry
from audit.sequencer import sequence_pending
from tenancy.scope import in_platform
from tests.audit.conftest import write

TABLES = ["audit_logentry", "audit_sequencedleaf", "audit_subtreeroot", "audit_checkpoint"]
COLUMN = {
    "audit_logentry": "event",
    "audit_sequencedleaf": "entry",
    "audit_subtreeroot": "root",
    "audit_checkpoint": "note",
}
STATEMENTS = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "TRUNCATE {table} CASCADE",
    "DROP TABLE {table}",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER {table}_append_only",
    "DROP TRIGGER {table}_append_only ON {table}",
    "SET session_replication_role = replica",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} OWNER TO quietline_app",
    "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
    "SELECT * FROM {table} FOR UPDATE",
]


@pytest.fixture
def log(committed_center, fresh_database):
    write(committed_center, 300)
    sequence_pending()
    return fresh_database


def refused(dsn: str, statement: str) -> bool:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET quietline.scope = 'platform'")
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
        return False


def count(connection: psycopg.Connection, table: str) -> int:
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_the_product_can_neither_change_nor_remove_nor_switch_off_anything(log, superuser):
    before = {table: count(superuser, table) for table in TABLES}
    assert all(before.values()), "an empty table would prove nothing"
    for table in TABLES:
        for statement in STATEMENTS:
            text = statement.format(table=table, column=COLUMN[table])
            assert refused(log.dsn_app, text), text
    assert {table: count(superuser, table) for table in TABLES} == before


def test_a_grant_by_the_product_to_itself_has_no_effect(log):
    with psycopg.connect(log.dsn_app, autocommit=True) as connection:
        connection.execute("GRANT ALL ON audit_logentry TO quietline_app")  # answered with a warning
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM audit_logentry")


def test_an_upsert_cannot_change_a_row(log):
    statement = (
        "INSERT INTO audit_sequencedleaf (seq, entry, leaf) SELECT seq, entry, leaf FROM audit_sequencedleaf"
        " ON CONFLICT (seq) DO UPDATE SET leaf = '\\x00'"
    )
    assert refused(log.dsn_app, statement)


def test_the_owner_cannot_change_or_remove_a_row_either(log):
    for table in TABLES:
        for statement in STATEMENTS[:3]:
            text = f"SET ROLE quietline_owner; {statement.format(table=table, column=COLUMN[table])}"
            assert refused(log.dsn_owner, text), text


def test_the_guard_can_fail_a_superuser_gets_past_it(log, superuser):
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("DELETE FROM audit_logentry")
    assert count(superuser, "audit_logentry") == 0


def test_entries_cannot_be_changed_through_the_models(log):
    with pytest.raises(Exception, match=r"permission denied|append-only"), in_platform():
        LogEntry.objects.update(event="nothing")
    with pytest.raises(Exception, match=r"permission denied|append-only"), in_platform():
        LogEntry.objects.first().delete()


@pytest.mark.parametrize("command", ["auditlogflush", "auditlogmigratejson"])
def test_auditlogs_own_commands_are_refused(command):
    from django.core.management import get_commands

    if get_commands()[command] != "audit":
        pytest.fail("'audit' must stand before 'auditlog' in INSTALLED_APPS")
    with pytest.raises(CommandError):
        call_command(command)
