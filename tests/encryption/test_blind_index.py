import hashlib
import hmac
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from encryption.blind_index import email_index, phone_index
from encryption.errors import KeyMissing
from encryption.keystore import create_center_keys, purpose_key
from encryption.models import Key
from tenancy.ids import INSTALLATION, uuid7

NUMBER = "+16145550123"


def test_a_number_has_one_index_of_16_bytes(center: UUID) -> None:
    assert phone_index(center, NUMBER) == phone_index(center, NUMBER)
    assert len(phone_index(center, NUMBER)) == 16
    assert phone_index(center, NUMBER) != phone_index(center, "+16145550124")


def test_two_centers_never_have_the_same_index_for_a_number(center: UUID) -> None:
    other = uuid7()
    create_center_keys(other)
    assert phone_index(center, NUMBER) != phone_index(other, NUMBER)


def test_the_index_is_the_one_that_the_page_describes(center: UUID) -> None:
    secret = purpose_key(center, Key.Purpose.PHONE_INDEX).secret
    expected = hmac.digest(secret, b"phone" + NUMBER.encode(), hashlib.sha256)[:16]
    assert phone_index(center, NUMBER) == expected
    assert NUMBER.encode() not in expected


@pytest.mark.parametrize("written", ["Ruth@Example.org", " ruth@example.org ", "RUTH@EXAMPLE.ORG\n"])
@pytest.mark.django_db
def test_an_address_is_found_however_it_is_written(written: str) -> None:
    assert email_index(written) == email_index("ruth@example.org")
    assert email_index(written) != email_index("naomi@example.org")


@pytest.mark.django_db
def test_an_address_is_not_indexed_with_a_key_for_numbers(center: UUID) -> None:
    secret = purpose_key(INSTALLATION, Key.Purpose.EMAIL_INDEX).secret
    assert hmac.digest(secret, b"emaila@b.c", hashlib.sha256)[:16] == email_index("a@b.c")
    assert secret != purpose_key(center, Key.Purpose.PHONE_INDEX).secret


def test_a_thousand_look_ups_ask_the_database_once(
    center: UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    phone_index(center, NUMBER)
    with django_assert_num_queries(0):
        for _ in range(1000):
            phone_index(center, NUMBER)


@pytest.mark.django_db
def test_a_center_without_keys_has_no_index() -> None:
    with pytest.raises(KeyMissing):
        phone_index(uuid7(), NUMBER)
