"""Contexts and keys for tests that need no database."""

from uuid import UUID

from hypothesis import strategies as st

from encryption.envelope import Context, DataKey

KEY = DataKey(kid=bytes(range(8)), secret=bytes(range(100, 132)))
CENTER, ROW, EPOCH = UUID(int=0xC0FFEE), UUID(int=0xA11CE), UUID(int=0xE90C)
PLACE = Context("letters.letter.body.v1", CENTER, ROW, EPOCH, "in")

contexts = st.builds(
    Context,
    schema=st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}\.[a-z_]{1,12}\.v[0-9]", fullmatch=True),
    center=st.uuids(),
    row=st.uuids(),
    epoch=st.none() | st.uuids(),
    direction=st.sampled_from(["", "in", "out", "note"]),
)
keys = st.builds(DataKey, kid=st.binary(min_size=8, max_size=8), secret=st.binary(min_size=32, max_size=32))
