"""What is sealed to a key that is not here opens with that key alone, whole, and in its own place."""

from io import BytesIO

import pytest

from encryption.chunks import CHUNK
from encryption.errors import KeyWrong, SealError
from encryption.offline import HEAD, Holder, NotAKey, Recipient, Sealing, opened
from tenancy.ids import uuid7

HOLDER, OF = Holder.new(), uuid7()
LENGTHS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK]


def sealed(plain: bytes) -> bytes:
    sealing = Sealing(HOLDER.recipient, name="data", of=OF)
    pieces = [plain[start : start + 1000] for start in range(0, len(plain), 1000)]
    return b"".join([sealing.head, *map(sealing.update, pieces), sealing.finish()])


def unsealed(part: bytes, holder: Holder = HOLDER, name: str = "data", of: object = OF) -> bytes:
    return b"".join(opened(BytesIO(part), len(part), holder, name=name, of=of))  # type: ignore[arg-type]


@pytest.mark.parametrize("length", LENGTHS)
def test_what_was_sealed_in_pieces_opens_whole(length: int) -> None:
    plain = bytes(range(256)) * (length // 256 + 1)
    assert unsealed(sealed(plain[:length])) == plain[:length]


def test_two_seals_of_the_same_differ() -> None:
    assert sealed(b"the same") != sealed(b"the same")


@pytest.mark.parametrize("place", [0, 1, 12, HEAD - 1, HEAD, HEAD + 5, HEAD + 40, HEAD + 70, -1])
def test_one_bit_anywhere_makes_it_stay_shut(place: int) -> None:
    part = bytearray(sealed(b"a" * 100))
    part[place] ^= 1
    with pytest.raises(SealError):
        unsealed(bytes(part))


@pytest.mark.parametrize("length", [0, 5, HEAD, HEAD + 10, -CHUNK, -16, -1])
def test_a_part_that_was_cut_stays_shut(length: int) -> None:
    with pytest.raises(SealError):
        unsealed(sealed(b"a" * 3 * CHUNK)[:length])


def test_it_opens_in_its_own_place_alone() -> None:
    part = sealed(b"words")
    with pytest.raises(SealError):
        unsealed(part, name="keystore")
    with pytest.raises(SealError):
        unsealed(part, of=uuid7())
    with pytest.raises(KeyWrong):
        unsealed(part, Holder.new())


def test_keys_survive_paper_and_a_slip_of_the_pen_is_noticed() -> None:
    line = HOLDER.text()
    assert Holder.parse(f"# kept in the safe\n  {line}  \n") == HOLDER
    assert Recipient.parse(str(HOLDER.recipient)) == HOLDER.recipient
    wrong = line[:40] + ("A" if line[40] != "A" else "B") + line[41:]
    for text in ("", wrong, line[:-4], str(HOLDER.recipient), f"{line}\n{line}"):
        with pytest.raises(NotAKey):
            Holder.parse(text)


def test_the_private_half_is_never_shown_by_accident() -> None:
    secret = HOLDER.text().split(":")[1][:20]
    assert secret not in f"{HOLDER} {HOLDER!r}"
