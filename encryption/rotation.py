"""New keys around the old ones: rewrapping in small transactions, so that it may stop anywhere.

What is left to do stands in the rows themselves (`wrapped_by`): a run that was killed is simply run
again. Sealed values are not touched; rotation changes what wraps their keys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from encryption.envelope import DataKey
from encryption.errors import SealError
from encryption.keystore import lock_center_key, parent_of, wrapping_key
from encryption.models import Key
from encryption.roots import writing_root_key
from encryption.scope import SealScope
from encryption.wrapping import WRAPPED_BY_ROOT, new_key, unwrap, wrap
from tenancy.ids import INSTALLATION
from tenancy.scope import in_platform

CHUNK = 200
FIRST = UUID(int=0)
Progress = Callable[[int], None]  # told after each chunk how many keys were in it
Seen = list[tuple[Key, bool]]  # a key, and whether it opened


class Outcome(NamedTuple):
    """How a rotation ended: keys rewrapped, keys left under an old one, ids of keys that do not open."""

    rewrapped: int
    left: int
    unreadable: list[str]

    @property
    def is_complete(self) -> bool:
        return not self.left and not self.unreadable


@dataclass(frozen=True)
class Rotation:
    """One level of keys, and where the one key comes from that shall wrap all of them."""

    keys: Q
    wrapping_key: Callable[[], DataKey]

    def count(self) -> int:
        """How many living keys there are on this level."""
        with in_platform():
            return self._living().count()

    def count_left(self) -> int:
        """How many of them are wrapped by something else than the wrapping key."""
        with in_platform():
            return self._left(self.wrapping_key()).count()

    def is_unfinished(self) -> bool:
        """Whether a rewrapping was begun here that can be finished."""
        with in_platform():
            return any(_opens(row) for row in self._left(self.wrapping_key()).iterator())

    def run(self, progress: Progress) -> Outcome:
        """Rewrap what is left; then count again, and open every key from its row."""
        rewrapped, _ = _walk(self._rewrap_after, progress)
        left = self.count_left()
        _, unreadable = _walk(self._open_after, progress)
        return Outcome(rewrapped, left, unreadable)

    def _living(self) -> QuerySet[Key]:
        return Key.objects.filter(self.keys).exclude(state=Key.State.DESTROYED).order_by("pk")

    def _left(self, key: DataKey) -> QuerySet[Key]:
        return self._living().exclude(wrapped_by=key.kid)

    def _rewrap_after(self, after: UUID) -> Seen:
        key = self.wrapping_key()
        rows = self._left(key).filter(pk__gt=after).select_for_update(no_key=True)[:CHUNK]
        seen = [(row, _rewrap(row, key)) for row in rows]
        Key.objects.bulk_update([row for row, opened in seen if opened], ["wrapped", "wrapped_by"])
        return seen

    def _open_after(self, after: UUID) -> Seen:
        return [(row, _opens(row)) for row in self._living().filter(pk__gt=after)[:CHUNK]]


def of_root() -> Rotation:
    """Put everything that a root key wraps under the one that writes."""
    return Rotation(WRAPPED_BY_ROOT, writing_root_key)


def of_center(center: UUID) -> Rotation:
    """Put everything that a center's keys wrap under its active one."""
    return Rotation(~WRAPPED_BY_ROOT & Q(center_id=center), partial(wrapping_key, center))


def begin_center(center: UUID) -> Rotation:
    """Give a center its next center key, unless one is there already from a rotation that was interrupted."""
    rotation = of_center(center)
    with in_platform():
        lock_center_key(center)
        if not rotation.is_unfinished():
            _replace(center, Key.Purpose.CENTER)
    return rotation


def replace_signing_key() -> None:
    """Retire the key that signs checkpoints. The next checkpoint is signed by both, all later ones by the new key."""
    with in_platform():
        lock_center_key(INSTALLATION)
        _replace(INSTALLATION, Key.Purpose.SIGNING)


def centers_with_keys() -> list[UUID]:
    """Every center that has keys, the installation first."""
    active = Key.objects.filter(purpose=Key.Purpose.CENTER, state=Key.State.ACTIVE)
    with in_platform():
        return list(active.order_by("center_id").values_list("center_id", flat=True))


def _replace(center: UUID, purpose: Key.Purpose) -> None:
    Key.objects.filter(center_id=center, purpose=purpose, state=Key.State.ACTIVE).update(
        state=Key.State.RETIRED, retired_at=timezone.now()
    )
    row, _ = new_key(SealScope(center), purpose, writing_root_key())
    row.save(force_insert=True)


def _walk(step: Callable[[UUID], Seen], progress: Progress) -> tuple[int, list[str]]:
    """Every chunk in a transaction of its own. Returns how many opened, and the ids of the others."""
    opened, unreadable, after = 0, list[str](), FIRST
    while True:
        with in_platform():
            seen = step(after)
        if not seen:
            return opened, unreadable
        after = seen[-1][0].pk
        opened += sum(ok for _, ok in seen)
        unreadable += [bytes(row.kid).hex() for row, ok in seen if not ok]
        progress(len(seen))


def _rewrap(row: Key, key: DataKey) -> bool:
    try:
        wrap(row, unwrap(row, parent_of(row)), key)
    except SealError:
        return False
    return True


def _opens(row: Key) -> bool:
    try:
        unwrap(row, parent_of(row))
    except SealError:
        return False
    return True
