"""Databases and the roles that reach them, as addresses for psycopg, PostgreSQL's programs and other processes."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode

import psycopg
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from backup.problems import Refused
from encryption.self_check import transport_problems

_CONNECTING = ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl")
_HINT = "Install PostgreSQL's client programs, or set POSTGRESQL_PROGRAMS to their folder."
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Database:
    """A database and the role that one signs in as. Its representation holds no password."""

    name: str
    user: str
    host: str
    port: str
    password: str = field(repr=False)
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of_alias(cls, alias: str) -> Self:
        """One of Django's databases. Raises Refused when it is not set."""
        if alias not in settings.DATABASES:
            raise Refused("DATABASE_OWNER_URL is not set: this command needs the owner of the tables.")
        found: Mapping[str, Any] = settings.DATABASES[alias]
        given: Mapping[str, Any] = found.get("OPTIONS", {})
        options = tuple((name, str(given[name])) for name in _CONNECTING if name in given)
        place = (found["NAME"], found["USER"], found["HOST"], str(found["PORT"] or 5432))
        return cls(*place, found["PASSWORD"], options)

    @classmethod
    def at(cls, url: str) -> Self:
        """The database at an address. Raises Refused."""
        try:
            found = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
            options = tuple((name, found[name]) for name in _CONNECTING if name in found)
            password = found.get("password", "")
            given = cls(found["dbname"], found["user"], found["host"], found.get("port", "5432"), password, options)
        except (psycopg.ProgrammingError, KeyError):
            raise Refused("Give the database as postgresql://user:password@host:port/name.") from None
        place = {given.name: {"HOST": given.host, "OPTIONS": dict(options)}}
        for problem in transport_problems(place, settings.VALKEY_URL):
            raise Refused(problem)
        return given

    def named(self, name: str) -> Self:
        """Another database of the same server, as the same role."""
        return replace(self, name=name)

    @property
    def url(self) -> str:
        """With the password: for the environment of a process of ours, never for its arguments."""
        parts = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        return f"postgresql:///{self.name}?{urlencode({**parts, **dict(self.options)})}"

    def connect(self, *, autocommit: bool = False) -> Connection:
        """Raises Refused when it does not let us in."""
        place = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        conninfo = make_conninfo("", dbname=self.name, **place, **dict(self.options))
        try:
            return psycopg.connect(conninfo, autocommit=autocommit)
        except psycopg.OperationalError:
            raise Refused(f"The database {self.name} does not let {self.user} in.") from None

    def environment(self) -> dict[str, str]:
        """For PostgreSQL's own programs: a password among arguments could be read by others."""
        system = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        place = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user, "PGPASSWORD": self.password}
        options = {f"PG{name.upper()}": value for name, value in self.options}
        return {**system, **place, **options, "PGDATABASE": self.name, "PGOPTIONS": "-c statement_timeout=0"}


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs. Raises Refused."""
    found = shutil.which(name, path=settings.POSTGRESQL_PROGRAMS or None)
    if found is None:
        raise Refused(f"{name} was not found. {_HINT}")
    return found


def backup_reader() -> Database:
    """The role that sees every row and changes none. Raises Refused."""
    if not settings.DATABASE_BACKUP_URL:
        raise Refused("DATABASE_BACKUP_URL is not set: a backup reads as the role quietline_backup.")
    return Database.at(settings.DATABASE_BACKUP_URL).named(settings.DATABASES["default"]["NAME"])
