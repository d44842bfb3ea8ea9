"""PostgreSQL itself keeps centers apart: the catalogue is the witness (AUTHZ-02)."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from messaging.models import Conversation, Line, Message
from tenancy.scope import in_center, in_platform
from tests.databases import Database
from tests.doors import text_in

UNGUARDED = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'center_id' AND NOT a.attisdropped
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relowner = 'quietline_owner'::regrole
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
      AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
"""


def _unguarded(cursor: Any) -> list[str]:
    cursor.execute(UNGUARDED)
    return sorted(row[0] for row in cursor.fetchall())


@pytest.mark.django_db
def test_every_table_of_a_center_has_a_forced_policy() -> None:
    with connection.cursor() as cursor:
        assert set(_unguarded(cursor)) <= {"letters_letter"}  # a table that the tests of sealed fields make


def test_a_table_without_a_policy_is_found(superuser: "psycopg.Connection[Any]") -> None:
    superuser.execute("SET ROLE quietline_owner")
    superuser.execute("CREATE TABLE planted (center_id uuid)")
    with superuser.cursor() as cursor:
        assert "planted" in _unguarded(cursor)


@pytest.mark.django_db
def test_the_products_role_owns_nothing_and_cannot_step_over_policies() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("quietline_app", False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'quietline_app'::regrole")
        assert cursor.fetchone() == (0,)


def test_the_owner_of_the_tables_cannot_sign_in(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.dsn_superuser) as admin:
        found = admin.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'quietline_owner'").fetchone()
        assert found == (False,)
        owners = admin.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert owners == [("quietline_owner",)]


@pytest.mark.django_db
def test_outside_every_scope_there_are_no_rows(line: Line) -> None:
    text_in(line)
    assert Message.objects.count() == 0
    with in_center(line.center_id):
        assert Message.objects.count() == 1


@pytest.mark.django_db
def test_another_centers_scope_and_the_platforms_see_no_conversation(line: Line) -> None:
    text_in(line)
    with in_center(uuid4()):
        assert Conversation.objects.count() == 0
        assert Line.objects.count() == 0
    with in_platform():
        assert Conversation.objects.count() == 0
        assert Line.objects.count() == 1


@pytest.mark.django_db
def test_a_scope_inside_another_ends_where_it_began(line: Line) -> None:
    text_in(line)
    with in_center(line.center_id):
        with in_center(uuid4()):
            assert Message.objects.count() == 0
        assert Message.objects.count() == 1
        with pytest.raises(ZeroDivisionError), in_platform():
            raise ZeroDivisionError
        assert Message.objects.count() == 1
    assert Message.objects.count() == 0


@pytest.mark.django_db
def test_a_row_cannot_be_moved_to_another_center(line: Line) -> None:
    from django.db.utils import ProgrammingError

    text_in(line)
    with in_center(line.center_id), pytest.raises(ProgrammingError, match="row-level security"):
        Message.objects.update(center_id=uuid4())
