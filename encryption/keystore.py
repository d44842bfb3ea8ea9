"""The keys of centers: made, found, kept for a minute, destroyed.

root key > center key > one key per conversation epoch, one for the rest, and purpose keys.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from encryption.cache import KEYS, LIFETIME, Tombstone
from encryption.envelope import DataKey
from encryption.errors import KeyDestroyed, KeyMissing, SealError
from encryption.models import Key
from encryption.roots import writing_root_key
from encryption.scope import SealScope
from encryption.wrapping import WrappedKey, new_key, root_of, unwrap
from tenancy.ids import INSTALLATION
from tenancy.scope import current_center, in_platform

Purpose, State = Key.Purpose, Key.State
_OF_A_CENTER = (Purpose.CENTER, Purpose.REST, Purpose.PHONE_INDEX)
_LOCKS = 0x51454E43  # the class of our advisory locks
_OF_THE_INSTALLATION = (Purpose.CENTER, Purpose.REST, Purpose.EMAIL_INDEX, Purpose.SIGNING, Purpose.SPOOL)


def create_center_keys(center: UUID) -> None:
    """Give a center its keys. Whatever it has already stays as it is."""
    for purpose in _OF_THE_INSTALLATION if center == INSTALLATION else _OF_A_CENTER:
        _create(SealScope(center), purpose)


def create_epoch_key(center: UUID, epoch: UUID) -> None:
    """Give a conversation epoch its key. Raises KeyDestroyed when it had one that was destroyed."""
    _create(SealScope(center, epoch), Purpose.EPOCH)


def destroy_epoch_key(center: UUID, epoch: UUID) -> None:
    """Make everything sealed in this epoch unreadable for good.

    It is dead when the transaction commits. Another process that opened something of this epoch
    within the minute before still holds the key, and forgets it when that minute is over.
    """
    with _seeing(center):
        rows = Key.objects.filter(center_id=center, purpose=Purpose.EPOCH, owner_id=epoch)
        kids = [bytes(row.kid) for row in rows]
        rows.exclude(state=State.DESTROYED).update(wrapped=b"", state=State.DESTROYED, destroyed_at=timezone.now())
    if fresh := _made_in_this_transaction((center, Purpose.EPOCH, epoch)):
        fresh.key = None
    for kid in kids:
        KEYS.forget(kid)
        transaction.on_commit(partial(KEYS.forget, kid))  # another thread may read it until then


def signing_key_bytes() -> bytes:
    """The 32 private bytes (RFC 8032) that sign the log's checkpoints.

    Asked of the database each time: of two processes, one must not sign on with a key that was replaced.
    """
    scope = SealScope(INSTALLATION)
    return _alive(_keep(_active_row(scope, Purpose.SIGNING) or _first_use(scope, Purpose.SIGNING))).secret


def signing_seeds() -> list[bytes]:
    """The private bytes of every key that ever signed checkpoints here, the oldest first; the last one signs."""
    signing_key_bytes()  # makes the first one
    rows = Key.objects.filter(center_id=INSTALLATION, purpose=Purpose.SIGNING).exclude(state=State.DESTROYED)
    with in_platform():
        ordered = list(rows.order_by("created_at", "pk"))
    return [_alive(_keep(row)).secret for row in ordered]


def sealing_key(scope: SealScope) -> DataKey:
    """The key that seals in this scope: its epoch's, or its center's for all that is in no conversation."""
    return _active(scope, Purpose.EPOCH if scope.epoch else Purpose.REST)


def purpose_key(center: UUID, purpose: Key.Purpose) -> DataKey:
    """The active key that a center has for one purpose."""
    return _active(SealScope(center), purpose)


def opening_key(kid: bytes, center: UUID) -> DataKey:
    """The key that an envelope names. Raises KeyMissing, KeyDestroyed."""
    found = KEYS.get(kid)
    if found is None:
        with _seeing(center):
            row = Key.objects.filter(kid=kid).first()
        if row is None:
            raise KeyMissing("The key of this value is not in the keystore.", key_id=kid)
        found = _keep(row)
    return _alive(found)


def load_keys(kids: Iterable[bytes], center: UUID) -> None:
    """Bring keys into memory with one query, and those that wrap them. What cannot be had is left to whoever opens."""
    wanted = {kid for kid in kids if KEYS.get(kid) is None}
    if wanted:
        wrapping = Q(center_id__in=(center, INSTALLATION), purpose=Purpose.CENTER)
        with _seeing(center):
            rows = list(Key.objects.filter(Q(kid__in=wanted) | wrapping))
        for row in sorted(rows, key=lambda row: row.purpose != Purpose.CENTER):
            _keep_if_sound(row)


def wrapping_key(center: UUID) -> DataKey:
    """The center key that wraps what is new, held in place until the transaction ends."""
    _lock("pg_advisory_xact_lock_shared", center)
    row = _active_row(SealScope(center), Purpose.CENTER)
    if row is None:
        raise KeyMissing("This center has no keys yet.")
    return _alive(_keep(row))


def lock_center_key(center: UUID) -> None:
    """Wait until nobody wraps with this center's key, and let nobody begin until the transaction ends."""
    _lock("pg_advisory_xact_lock", center)


def parent_of(row: WrappedKey) -> DataKey:
    """The key that a row says it is wrapped by. Raises SealError."""
    return root_of(row) if row.purpose in Key.BY_ROOT else opening_key(bytes(row.wrapped_by), row.center_id)


def _active(scope: SealScope, purpose: Key.Purpose) -> DataKey:
    name = (scope.center, purpose, scope.epoch)
    fresh = _made_in_this_transaction(name)
    found = KEYS.get(name) or (fresh.key if fresh else None)
    if found is None:
        found = _keep(_active_row(scope, purpose) or _first_use(scope, purpose))
        if not _made_in_this_transaction(name):
            KEYS.put(name, found)
    return _alive(found)


def _active_row(scope: SealScope, purpose: Key.Purpose) -> Key | None:
    with _seeing(scope.center):
        rows = Key.objects.filter(center_id=scope.center, purpose=purpose, owner_id=scope.epoch)
        by_state = {row.state: row for row in rows}
    if gone := by_state.get(State.DESTROYED):
        raise KeyDestroyed("The key for this was destroyed.", key_id=bytes(gone.kid))
    return by_state.get(State.ACTIVE)


def _first_use(scope: SealScope, purpose: Key.Purpose) -> Key:
    if scope.center == INSTALLATION and purpose in _OF_THE_INSTALLATION:
        create_center_keys(INSTALLATION)
        if row := _active_row(scope, purpose):
            return row
    raise KeyMissing(f"There is no {purpose} key here yet to seal with.")


def _create(scope: SealScope, purpose: Key.Purpose) -> None:
    """Insert a key unless there is one. Two at once: the unique constraint lets one in, both read it."""
    with _seeing(scope.center):
        row, key = new_key(scope, purpose, _new_parent(scope.center, purpose))
        Key.objects.bulk_create([row], ignore_conflicts=True)
        try:
            settled = _active_row(scope, purpose)
        except KeyDestroyed:
            row.delete()
            raise
        if settled == row:
            KEYS.put(key.kid, key)
            transaction.on_commit(_Fresh((scope.center, purpose, scope.epoch), key))


def _new_parent(center: UUID, purpose: Key.Purpose) -> DataKey:
    return writing_root_key() if purpose in Key.BY_ROOT else wrapping_key(center)


def _lock(function: str, center: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_LOCKS, int.from_bytes(center.bytes[-4:], signed=True)])


def _keep(row: Key) -> DataKey | Tombstone:
    kid = bytes(row.kid)
    if row.state == State.DESTROYED:
        return _bury(row)
    known = KEYS.get(kid)
    key = known if isinstance(known, DataKey) else unwrap(row, parent_of(row))
    KEYS.put(kid, key)
    return key


def _bury(row: Key) -> Tombstone:
    """Remember a destroyed key, once no rollback can still bring it back."""
    tombstone = Tombstone(bytes(row.kid))
    if row.destroyed_at and timezone.now() - row.destroyed_at > timedelta(seconds=LIFETIME):
        KEYS.put(tombstone.kid, tombstone)
    return tombstone


def _keep_if_sound(row: Key) -> None:
    try:
        _keep(row)
    except SealError:
        return  # said again, with the row it matters to, when a value under this key is opened


def _alive(found: DataKey | Tombstone) -> DataKey:
    if isinstance(found, Tombstone):
        raise KeyDestroyed("The key of this value was destroyed.", key_id=found.kid)
    return found


def _seeing(center: UUID) -> AbstractContextManager[None]:
    """A transaction that sees the keys of this center.

    Queries alone belong in it: an error that leaves it would spoil the transaction around it.
    """
    if center not in (INSTALLATION, current_center()):
        return in_platform()
    return nullcontext() if connection.in_atomic_block else transaction.atomic()


@dataclass
class _Fresh:
    """A new key that waits for its commit: kept earlier, it would seal on after a rollback took it away."""

    name: tuple[UUID, Key.Purpose, UUID | None]
    key: DataKey | None

    def __call__(self) -> None:
        if self.key and not connection.in_atomic_block:  # a test that plays commit hooks has not committed
            KEYS.put(self.name, self.key)


def _made_in_this_transaction(name: tuple[UUID, Key.Purpose, UUID | None]) -> _Fresh | None:
    for entry in connection.run_on_commit:
        if isinstance(entry[1], _Fresh) and entry[1].name == name:
            return entry[1]
    return None
