from uuid import UUID

import pytest

from audit.context import Actor, acting
from audit.events import Event
from audit.models import LogEntry
from audit.record import record
from encryption.keystore import create_center_keys
from tenancy.ids import INSTALLATION, uuid7
from tenancy.scope import in_center


@pytest.fixture
def here(db: None) -> UUID:
    """A center's id with its keys; the log knows centers by id alone."""
    return made_center()


@pytest.fixture
def committed_center(fresh_database: object) -> UUID:
    """The same in a database of the test's own, where things are committed."""
    return made_center()


@pytest.fixture
def reader() -> UUID:
    return uuid7()


def made_center() -> UUID:
    center = uuid7()
    create_center_keys(INSTALLATION)
    create_center_keys(center)
    return center


def write(center: UUID, count: int = 1, event: Event = Event.NOTE_WRITTEN) -> list[LogEntry]:
    """Committed entries, each in a transaction of its own."""
    entries = []
    for number in range(count):
        with in_center(center), acting(Actor.system()):
            entries.append(record(event, facts={"number": number}))
    return entries
