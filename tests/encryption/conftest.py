from collections.abc import Iterator
from uuid import UUID

import pytest
from pytest_django import DjangoDbBlocker

from encryption.cache import KEYS
from encryption.keystore import create_center_keys, create_epoch_key
from tenancy.ids import uuid7
from tests.encryption import letters


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Each test begins as a new process would, with no key in memory."""
    KEYS.clear()
    yield
    KEYS.clear()


@pytest.fixture(scope="session")
def letters_table(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        letters.create_table()


@pytest.fixture
def center(letters_table: None, db: None) -> UUID:
    """A center with keys, in a transaction that is rolled back."""
    center = uuid7()
    create_center_keys(center)
    return center


@pytest.fixture
def epoch(center: UUID) -> UUID:
    epoch = uuid7()
    create_epoch_key(center, epoch)
    return epoch


@pytest.fixture
def letter(center: UUID) -> letters.Letter:
    return letters.new_letter(center)
