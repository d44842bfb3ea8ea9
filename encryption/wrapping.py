"""Keys wrapped by keys. The wrapping is the field envelope, bound to the keystore row that holds it."""

import os
from typing import Protocol
from uuid import UUID

from django.db.models import Q

from encryption.envelope import KEY_ID, Context, DataKey, open_envelope, seal
from encryption.errors import KeyDestroyed, KeyMissing
from encryption.models import Key
from encryption.roots import root_keys
from encryption.scope import SealScope

SECRET = 32
WRAPPED_BY_ROOT = Q(purpose__in=Key.BY_ROOT)


class WrappedKey(Protocol):
    """What of a keystore row is needed to open it: a `Key`, or the columns of one."""

    @property
    def pk(self) -> UUID: ...
    @property
    def kid(self) -> "bytes | memoryview[int]": ...
    @property
    def center_id(self) -> UUID: ...
    @property
    def owner_id(self) -> UUID | None: ...
    @property
    def purpose(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def wrapped(self) -> "bytes | memoryview[int]": ...
    @property
    def wrapped_by(self) -> "bytes | memoryview[int]": ...


def new_key(scope: SealScope, purpose: Key.Purpose, parent: DataKey) -> tuple[Key, DataKey]:
    """A keystore row that is not saved yet, and the key in it."""
    key = DataKey(os.urandom(KEY_ID), os.urandom(SECRET))
    row = Key(center_id=scope.center, owner_id=scope.epoch, purpose=purpose, kid=key.kid)
    wrap(row, key, parent)
    return row, key


def wrap(row: Key, key: DataKey, parent: DataKey) -> None:
    """Put the key into its row, under `parent`."""
    row.wrapped = seal(key.secret, key=parent, context=_context(row))
    row.wrapped_by = parent.kid


def unwrap(row: WrappedKey, parent: DataKey) -> DataKey:
    """Take the key out of its row. Raises SealError."""
    refuse_destroyed(row)
    kid = bytes(row.kid)
    return DataKey(kid, open_envelope(bytes(row.wrapped), key=parent, context=_context(row)))


def refuse_destroyed(row: WrappedKey) -> None:
    """Raise KeyDestroyed when that is what happened to this key."""
    if row.state == Key.State.DESTROYED:
        raise KeyDestroyed("The key of this value was destroyed.", key_id=bytes(row.kid))


def root_of(row: WrappedKey) -> DataKey:
    """The root key that wraps this row. Raises KeyMissing when it is not loaded."""
    kid = bytes(row.wrapped_by)
    if root := root_keys().get(kid):
        return root
    raise KeyMissing("The root key that wraps this key is not loaded.", key_id=kid)


def _context(row: WrappedKey) -> Context:
    return Context(f"encryption.key.{row.purpose}.v1", row.center_id, row.pk, row.owner_id)
