import pytest
from hypothesis import given
from hypothesis import strategies as st

from encryption.envelope import seal
from encryption.padding import STEPS, pad, padded_length, unpad
from tests.encryption.places import KEY, PLACE


@given(st.binary(max_size=5000))
def test_padding_comes_off_again(plain: bytes) -> None:
    assert unpad(pad(plain)) == plain


@given(st.integers(min_value=0, max_value=20_000))
def test_every_padded_length_is_an_allowed_one(length: int) -> None:
    padded = padded_length(length)
    assert padded >= length + 4
    assert padded in STEPS or padded % 1600 == 0


@pytest.mark.parametrize(
    ("length", "padded"),
    [
        *((0, 64), (60, 64), (61, 160), (156, 160), (157, 320), (316, 320), (317, 640), (636, 640)),
        *((637, 1600), (1596, 1600), (1597, 3200), (3196, 3200), (3197, 4800)),
    ],
)
def test_the_steps_are_where_the_page_says(length: int, padded: int) -> None:
    assert len(pad(b"x" * length)) == padded


def test_a_dump_does_not_tell_yes_from_a_longer_answer() -> None:
    answers = ["", "no", "yes", "sí, pero mi papá lee mi teléfono", "call me at 3 please, not before"]
    assert len({len(seal(answer.encode(), key=KEY, context=PLACE)) for answer in answers}) == 1


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        b"\0\0",
        b"\0\0\0\1",
        (61).to_bytes(4) + b"x" * 60,
        (1).to_bytes(4) + b"x" * 60,
        pad(b"yes") + b"\0",
        pad(b"yes") + bytes(96),
        b"\xff\xff\xff\xff" + bytes(60),
    ],
)
def test_padding_that_we_did_not_make_is_refused(padded: bytes) -> None:
    assert unpad(padded) is None
