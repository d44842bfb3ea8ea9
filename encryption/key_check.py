"""Whether the root keys that are loaded belong to the keystore that is there."""

from collections.abc import Mapping

from django.db import connection

from encryption.envelope import DataKey
from encryption.errors import SealError
from encryption.models import Key
from encryption.roots import RootKeyProblem
from encryption.wrapping import WRAPPED_BY_ROOT, unwrap
from tenancy.scope import in_platform


def check_against_keystore(roots: Mapping[bytes, DataKey]) -> None:
    """Open the newest key that each root key has wrapped. Raises RootKeyProblem."""
    with in_platform():
        if Key._meta.db_table in connection.introspection.table_names():
            for row in _newest_by_root():
                _check(row, roots)


def _newest_by_root() -> list[Key]:
    wrapped = Key.objects.filter(WRAPPED_BY_ROOT).exclude(state=Key.State.DESTROYED)
    return list(wrapped.order_by("wrapped_by", "-created_at").distinct("wrapped_by"))


def _check(row: Key, roots: Mapping[bytes, DataKey]) -> None:
    kid = bytes(row.wrapped_by)
    if kid not in roots:
        raise RootKeyProblem(f"The database needs root key {kid.hex()}, which is not among the root keys given here.")
    try:
        unwrap(row, roots[kid])
    except SealError:
        raise RootKeyProblem(
            f"Root key {kid.hex()} has the right id and the wrong bytes: it does not open this database."
        ) from None
