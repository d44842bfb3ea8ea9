import importlib.util
import os
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from pytest_django.plugin import DjangoDbBlocker

from tenancy.ids import uuid7
from tenancy.postgresql import circuit
from tests.databases import Database, clone, connected_to, drop

# The people of most tests stand in tests/cast.py.
pytest_plugins = ["tests.cast"] if importlib.util.find_spec("tests.cast") else []


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files() -> None:
    """Files under their own names: what `collectstatic` makes of them is tested in the browser."""
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.SERVESTATIC_USE_MANIFEST = False


@pytest.fixture(scope="session")
def process_database() -> Database:
    """This pytest process's own copy of the migrated template."""
    return clone(f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}")


@pytest.fixture(scope="session")
def django_db_setup(process_database: Database, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Instead of pytest-django's own: nothing is created twice, and nothing is ever flushed."""
    with django_db_blocker.unblock(), connected_to(process_database):
        yield


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Database]:
    """A database of one test's own, for threads, commits and processes."""
    database = clone(f"fresh_{uuid7().hex}")
    with django_db_blocker.unblock(), connected_to(database):
        yield database
        if asking := circuit._asking:  # it asks this database: gone, it would say to the next test that it is away
            asking.join(timeout=10)
    drop(database)


@pytest.fixture
def superuser(fresh_database: Database) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Somebody who may do anything to the test's fresh database."""
    with psycopg.connect(fresh_database.dsn_superuser, autocommit=True) as connection:
        yield connection
