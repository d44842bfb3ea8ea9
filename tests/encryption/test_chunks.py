"""Files: sealed by the library, read in pieces by us, refused when a single bit is not as it was."""

from uuid import UUID

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor
from hypothesis import given, settings
from hypothesis import strategies as st

from encryption.chunks import CHUNK, HEADER, PREFIX, SEALED_CHUNK, SealedFile, plain_length, seal_file, sealed_length
from encryption.envelope import Context, DataKey
from encryption.errors import EnvelopeAltered, KeyWrong

KEY = DataKey(bytes(range(8)), bytes(range(32)))
PLACE = Context("test.file.v1", UUID(int=1), UUID(int=2), UUID(int=3), "in")
EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5]


def content(length: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(length))


def opened(sealed: bytes, *, key: DataKey = KEY, context: Context = PLACE) -> SealedFile:
    return SealedFile(lambda offset, count: sealed[offset : offset + count], len(sealed), key=key, context=context)


@pytest.mark.parametrize("length", EDGES)
def test_what_was_sealed_is_read_whole(length: int) -> None:
    sealed = seal_file(content(length), key=KEY, context=PLACE)
    assert opened(sealed).whole() == content(length)
    assert len(sealed) == sealed_length(length)
    assert plain_length(len(sealed)) == length


@pytest.mark.parametrize("length", EDGES)
def test_the_librarys_own_reader_agrees(length: int) -> None:
    sealed = seal_file(content(length), key=KEY, context=PLACE)
    reader = Cobblestone256Decryptor(KEY.secret, sealed[:HEADER] + PLACE.encode())
    assert reader.update(sealed[HEADER:]) + reader.finalize() == content(length)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3 * CHUNK), st.integers(0, 3 * CHUNK))
def test_any_stretch_reads_as_the_same_stretch(one: int, other: int) -> None:
    plain = content(3 * CHUNK)
    start, end = sorted((one, other))
    assert b"".join(opened(seal_file(plain, key=KEY, context=PLACE)).pieces(start, end)) == plain[start:end]


def test_a_stretch_reads_only_the_chunks_it_needs() -> None:
    sealed = seal_file(content(5 * CHUNK), key=KEY, context=PLACE)
    asked: list[int] = []

    def read(offset: int, count: int) -> bytes:
        asked.append(offset)
        return sealed[offset : offset + count]

    file = SealedFile(read, len(sealed), key=KEY, context=PLACE)
    asked.clear()
    list(file.pieces(CHUNK + 3, CHUNK + 9))
    assert asked == [PREFIX + SEALED_CHUNK]


def test_every_flipped_bit_is_refused() -> None:
    sealed = seal_file(content(200), key=KEY, context=PLACE)
    for position in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[position // 8] ^= 1 << position % 8
        with pytest.raises((EnvelopeAltered, KeyWrong)):
            opened(bytes(altered)).whole()


def test_every_cut_is_refused() -> None:
    sealed = seal_file(content(2 * CHUNK + 40), key=KEY, context=PLACE)
    places = {*range(PREFIX + 20), *range(PREFIX + SEALED_CHUNK - 20, PREFIX + SEALED_CHUNK + 20)}
    for length in sorted(places | {PREFIX + 2 * SEALED_CHUNK, len(sealed) - 1}):
        with pytest.raises(EnvelopeAltered):
            opened(sealed[:length])


def test_swapped_chunks_are_refused() -> None:
    sealed = seal_file(content(3 * CHUNK), key=KEY, context=PLACE)
    first, second = sealed[PREFIX:][:SEALED_CHUNK], sealed[PREFIX + SEALED_CHUNK :][:SEALED_CHUNK]
    swapped = sealed[:PREFIX] + second + first + sealed[PREFIX + 2 * SEALED_CHUNK :]
    with pytest.raises(EnvelopeAltered):
        opened(swapped).whole()


@pytest.mark.parametrize(
    "elsewhere",
    [
        PLACE._replace(schema="test.other.v1"),
        PLACE._replace(center=UUID(int=9)),
        PLACE._replace(row=UUID(int=9)),
        PLACE._replace(epoch=None),
        PLACE._replace(direction="out"),
    ],
)
def test_a_file_opens_in_its_own_place_alone(elsewhere: Context) -> None:
    with pytest.raises(EnvelopeAltered):
        opened(seal_file(b"x", key=KEY, context=PLACE), context=elsewhere)


def test_a_file_opens_with_its_own_key_alone() -> None:
    sealed = seal_file(b"x", key=KEY, context=PLACE)
    with pytest.raises(KeyWrong):
        opened(sealed, key=DataKey(bytes(8), KEY.secret))
    with pytest.raises(EnvelopeAltered):
        opened(sealed, key=DataKey(KEY.kid, bytes(32)))
