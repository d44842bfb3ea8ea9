import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encryption import envelope as module
from encryption.envelope import OVERHEAD, Context, DataKey, key_id_of, open_envelope, seal
from encryption.errors import EnvelopeAltered, KeyWrong, SealError
from tests.encryption.places import CENTER, KEY, PLACE, ROW, contexts, keys


@given(plain=st.binary(max_size=4000), key=keys, place=contexts)
def test_what_is_sealed_opens_to_the_same_bytes(plain: bytes, key: DataKey, place: Context) -> None:
    assert open_envelope(seal(plain, key=key, context=place), key=key, context=place) == plain


def test_the_same_text_is_never_sealed_to_the_same_bytes_twice() -> None:
    sealed = {seal(b"yes", key=KEY, context=PLACE) for _ in range(1000)}
    assert len(sealed) == 1000
    assert len({one[9:33] for one in sealed}) == 1000, "a salt came twice"


def test_an_envelope_is_81_bytes_and_the_padded_text() -> None:
    assert OVERHEAD == 81
    assert len(seal(b"", key=KEY, context=PLACE)) == 81 + 64
    assert len(seal(b"x" * 1000, key=KEY, context=PLACE)) == 81 + 1600


def test_an_envelope_names_its_format_and_its_key_and_nothing_else() -> None:
    sealed = seal(b"Is anybody there?", key=KEY, context=PLACE)
    assert sealed[0] == 1
    assert key_id_of(sealed) == KEY.kid
    assert b"anybody" not in sealed
    assert PLACE.schema.encode() not in sealed
    assert PLACE.row.bytes not in sealed


def flipped(sealed: bytes) -> Iterator[bytes]:
    changed = bytearray(sealed)
    for position in range(len(changed)):
        for bit in range(8):
            changed[position] ^= 1 << bit
            yield bytes(changed)
            changed[position] ^= 1 << bit


def test_no_single_bit_of_a_thousand_envelopes_can_change() -> None:
    refused = 0
    for number in range(1000):
        sealed = seal(os.urandom(number % 60), key=KEY, context=PLACE)
        for altered in flipped(sealed):
            try:
                open_envelope(altered, key=KEY, context=PLACE)
            except SealError:
                refused += 1
    assert refused == 1000 * 8 * (81 + 64)


@pytest.mark.parametrize("length", [0, 1, 9, 33, 65, 80, 81, 82, 144])
def test_a_cut_envelope_stays_shut(length: int) -> None:
    sealed = seal(b"yes", key=KEY, context=PLACE)
    with pytest.raises(EnvelopeAltered):
        open_envelope(sealed[:length], key=KEY, context=PLACE)


def test_bytes_added_to_an_envelope_are_refused() -> None:
    with pytest.raises(EnvelopeAltered):
        open_envelope(seal(b"yes", key=KEY, context=PLACE) + b"\0", key=KEY, context=PLACE)


@given(here=contexts, there=contexts)
def test_an_envelope_opens_in_its_own_place_alone(here: Context, there: Context) -> None:
    sealed = seal(b"yes", key=KEY, context=here)
    if here == there:
        return
    with pytest.raises(EnvelopeAltered):
        open_envelope(sealed, key=KEY, context=there)


@given(place=contexts, other=contexts, part=st.sampled_from(Context._fields))
def test_every_part_of_the_place_counts_by_itself(place: Context, other: Context, part: str) -> None:
    there = place._replace(**{part: getattr(other, part)})
    if there == place:
        return
    assert there.encode() != place.encode()
    with pytest.raises(EnvelopeAltered):
        open_envelope(seal(b"yes", key=KEY, context=place), key=KEY, context=there)


def test_letters_cannot_move_from_one_part_of_the_place_to_the_next() -> None:
    one, other = Context("ab", CENTER, ROW, None, "c"), Context("a", CENTER, ROW, None, "bc")
    assert one.encode() != other.encode()


def test_a_key_with_another_id_is_the_wrong_key() -> None:
    other = DataKey(b"another!", KEY.secret)
    with pytest.raises(KeyWrong) as problem:
        open_envelope(seal(b"yes", key=KEY, context=PLACE), key=other, context=PLACE)
    assert problem.value.key_id == KEY.kid.hex()
    assert problem.value.row_id == PLACE.row


def test_other_bytes_under_a_known_key_id_never_reach_the_cipher(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealed = seal(b"yes", key=KEY, context=PLACE)
    assert open_envelope(sealed, key=KEY, context=PLACE) == b"yes"

    class Untouchable:
        def __init__(self, key: bytes) -> None:
            raise AssertionError("the cipher was reached")

    monkeypatch.setattr(module, "AESGCM", Untouchable)
    with pytest.raises(EnvelopeAltered):
        open_envelope(sealed, key=DataKey(KEY.kid, bytes(32)), context=PLACE)
    with pytest.raises(AssertionError):
        open_envelope(sealed, key=KEY, context=PLACE)


@pytest.mark.parametrize("number", [0, 2, 255])
def test_a_format_that_is_not_known_is_refused(number: int) -> None:
    sealed = seal(b"yes", key=KEY, context=PLACE)
    with pytest.raises(EnvelopeAltered):
        open_envelope(bytes([number]) + sealed[1:], key=KEY, context=PLACE)


def test_no_error_and_no_representation_carries_text_or_key() -> None:
    sealed = seal(b"nobody may know", key=KEY, context=PLACE)
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)
    with pytest.raises(SealError) as problem:
        open_envelope(sealed[:-1] + bytes([sealed[-1] ^ 1]), key=KEY, context=PLACE)
    shown = repr(problem.value) + str(problem.value) + repr(vars(problem.value)) + repr(problem.value.__cause__)
    assert "nobody" not in shown
