"""Databases beside the real one, made and dropped by the role that runs migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg import sql

from backup.databases import Database
from backup.problems import Refused

BOOTSTRAP = Path(settings.BASE_DIR) / "tenancy" / "bootstrap.sql"


@contextmanager
def new_database(owner: Database, name: str, *, keep: bool) -> Iterator[Database]:
    """A database prepared as for a new installation.

    keep     leave it there if all goes well; else it is dropped
    raises  Refused, when there is one of this name, or the role may not make one
    """
    with owner.connect(autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.Error as problem:
            raise Refused(f"The database {name} cannot be made: {problem.diag.message_primary}.") from None
    is_kept = False
    try:
        made = owner.named(name)
        with made.connect(autocommit=True) as inside:
            inside.execute(BOOTSTRAP.read_bytes())
        yield made
        is_kept = keep
    finally:
        if not is_kept:
            drop_database(owner, name)


def drop_database(owner: Database, name: str) -> None:
    """On a connection of its own: a drill may take longer than a connection lives.

    Asked plainly, PostgreSQL ends what tidies up in the database and waits for the rest. Asked by force it ends the
    rest too, but refuses anybody but a superuser while it tidies up there.
    """
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    with owner.connect(autocommit=True) as connection:
        try:
            connection.execute(drop)
        except psycopg.errors.ObjectInUse:
            connection.execute(drop + sql.SQL(" WITH (FORCE)"))
