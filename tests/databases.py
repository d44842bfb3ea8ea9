"""Clones of the migrated template: one for each pytest process, one more for a test that commits."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from encryption.cache import KEYS
from tests.plugin import TEMPLATE
from trial.postgresql import superuser_dsn


@dataclass(frozen=True)
class Database:
    name: str

    @property
    def dsn_superuser(self) -> str:
        return superuser_dsn(_port(), _password(), self.name)

    @property
    def dsn_app(self) -> str:
        return f"postgresql://quietline_app:{_password()}@127.0.0.1:{_port()}/{self.name}"

    @property
    def dsn_owner(self) -> str:
        return f"postgresql://quietline_migrator:{_password()}@127.0.0.1:{_port()}/{self.name}"


def _port() -> int:
    return int(os.environ["TEST_POSTGRESQL_PORT"])


def _password() -> str:
    return os.environ["TEST_SUPERUSER_PASSWORD"]


def clone(name: str) -> Database:
    """A copy of the migrated template, made in a few hundredths of a second."""
    with psycopg.connect(superuser_dsn(_port(), _password(), "postgres"), autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    return Database(name)


def drop(database: Database) -> None:
    with psycopg.connect(superuser_dsn(_port(), _password(), "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database.name)))


@contextmanager
def connected_to(database: Database) -> Iterator[None]:
    """Point Django, and every process started meanwhile, at a database."""
    before = (
        settings.DATABASES["default"]["NAME"],
        os.environ["DATABASE_URL"],
        os.environ["DATABASE_OWNER_URL"],
    )
    _point(database.name, database.dsn_app, database.dsn_owner)
    try:
        yield
    finally:
        _point(*before)


def _point(name: str, dsn_app: str, dsn_owner: str) -> None:
    KEYS.clear()  # keys of another database are not this one's
    connection = connections["default"]
    connection.close()
    connection.close_pool()
    for alias in ("default", "owner"):
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
    os.environ.update(DATABASE_URL=dsn_app, DATABASE_OWNER_URL=dsn_owner)
