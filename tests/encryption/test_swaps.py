"""Bytes moved about in the database, and a second decoder that walks from the root key to the text."""

from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encryption.errors import SealError
from encryption.keystore import create_center_keys, create_epoch_key
from encryption.models import Key
from encryption.roots import root_keys
from tenancy.ids import uuid7
from tenancy.scope import in_platform
from tests.encryption import decoder
from tests.encryption.letters import Letter, fresh, new_letter, raw, swap_in

COLUMNS = ("body", "draft")


@pytest.fixture
def shelf(center: UUID, epoch: UUID) -> list[Letter]:
    """Letters that differ from one another in one thing: row, direction, epoch or center."""
    other_epoch, other_center = uuid7(), uuid7()
    create_epoch_key(center, other_epoch)
    create_center_keys(other_center)
    places = [
        (center, None, ""),
        (center, None, ""),
        (other_center, None, ""),
        (center, epoch, "in"),
        (center, epoch, "in"),
        (center, epoch, "out"),
        (center, epoch, "note"),
        (center, other_epoch, "in"),
    ]
    return [
        new_letter(where, f"body {number}", draft=f"draft {number}", epoch_id=one, direction=direction)
        for number, (where, one, direction) in enumerate(places)
    ]


def test_no_value_opens_in_the_place_of_another(shelf: list[Letter]) -> None:
    places = [(letter, column) for letter in shelf for column in COLUMNS]
    stored = {(letter.pk, column): raw(letter, column) for letter, column in places}
    refused = 0
    for (here, column), (there, other) in permutations(places, 2):
        swap_in(here, column, stored[there.pk, other])
        with pytest.raises(SealError):
            getattr(fresh(here), column)
        swap_in(here, column, stored[here.pk, column])
        refused += 1
    assert refused == 16 * 15
    for number, letter in enumerate(shelf):
        assert fresh(letter).body == f"body {number}", "put back in its own place it must open"


@pytest.mark.parametrize(("column", "value"), [("direction", "out"), ("epoch_id", None), ("center_id", UUID(int=9))])
def test_a_row_that_claims_another_place_stays_shut(shelf: list[Letter], column: str, value: object) -> None:
    Letter.objects.filter(pk=shelf[3].pk).update(**{column: value})
    with pytest.raises(SealError):
        fresh(shelf[3]).body  # noqa: B018


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=2000), flip=st.integers(min_value=0))
def test_any_stored_bit_that_changes_is_noticed(letter: Letter, text: str, flip: int) -> None:
    letter.body = text
    letter.save()
    assert fresh(letter).body == text
    stored = bytearray(raw(letter, "body"))
    position = flip % (len(stored) * 8)
    stored[position // 8] ^= 1 << position % 8
    swap_in(letter, "body", bytes(stored))
    with pytest.raises(SealError):
        fresh(letter).body  # noqa: B018
    letter.refresh_from_db()


def test_the_second_decoder_reads_production_rows_from_the_root_key(shelf: list[Letter]) -> None:
    with in_platform():
        rows = list(Key.objects.exclude(state=Key.State.DESTROYED))
    secrets = {kid: key.secret for kid, key in root_keys().items()}
    for row in sorted(rows, key=lambda row: row.purpose not in Key.BY_ROOT):
        secrets[bytes(row.kid)] = decoder.decode(
            bytes(row.wrapped),
            secrets[bytes(row.wrapped_by)],
            f"encryption.key.{row.purpose}.v1",
            row.center_id,
            row.pk,
            row.owner_id,
            "",
        )
    for number, letter in enumerate(shelf):
        envelope = raw(letter, "body")
        secret = secrets[decoder.key_id(envelope)]
        place = ("letters.letter.body.v1", letter.center_id, letter.pk, letter.epoch_id, letter.direction)
        assert decoder.decode(envelope, secret, *place) == f"body {number}".encode()
