"""Many values that lie under a key each, opened once: what a search through everything does.

Their keys are used and forgotten. The minute's memory (`encryption.cache`) is for what is opened again; ten thousand
keys that nobody asks for twice would only push the others out of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from encryption.envelope import HEADER, Context, DataKey, key_id_of, open_envelope
from encryption.errors import KeyMissing, SealError
from encryption.keystore import parent_of
from encryption.wrapping import unwrap
from tenancy.trips import Statement, ask


class Sealed(NamedTuple):
    """One envelope, and the one place where it may live."""

    envelope: bytes
    context: Context


def open_many(values: Sequence[Sealed], center: UUID) -> Iterator[bytes | SealError]:
    """What was sealed, one for one, in the running scope of this center; for what cannot be opened, the reason.

    The keys come with one query; each value is opened when it is asked for, and whoever has enough stops asking.
    """
    keys = _keys({value.envelope[1:HEADER] for value in values}, center)
    return (_opened(value, keys) for value in values)


class _Row(NamedTuple):
    """As a model each row would cost more than opening it does."""

    pk: UUID
    kid: bytes
    center_id: UUID
    owner_id: UUID | None
    purpose: str
    state: str
    wrapped: bytes
    wrapped_by: bytes


_KEYS = f"SELECT id, {', '.join(_Row._fields[1:])} FROM encryption_key WHERE kid = ANY(%s) AND center_id = %s"  # noqa: S608


def _keys(kids: Iterable[bytes], center: UUID) -> dict[bytes, DataKey | SealError]:
    rows = map(_Row._make, ask(Statement(_KEYS, [list(kids), center])))
    return {row.kid: _unwrapped(row) for row in rows}


def _unwrapped(row: _Row) -> DataKey | SealError:
    try:
        return unwrap(row, parent_of(row))
    except SealError as problem:
        return problem


def _opened(value: Sealed, keys: dict[bytes, DataKey | SealError]) -> bytes | SealError:
    try:
        kid = key_id_of(value.envelope)
        key = keys.get(kid) or KeyMissing("The key of this value is not in the keystore.", key_id=kid)
        return key if isinstance(key, SealError) else open_envelope(value.envelope, key=key, context=value.context)
    except SealError as problem:
        return problem
