"""No change without its entry, for the paths that auditlog cannot see.

`update()`, `bulk_create()` and `delete()` of a queryset send no signals. A guarded model refuses
them outside `audited()`, and `audited()` refuses to end without an entry in the log.

    with audited(Event.HOURS_CHANGED):
        center.opening_hours.update(opens=nine)
        record(Event.HOURS_CHANGED, subject=center)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models, transaction

from audit.events import Event

Row = TypeVar("Row", bound=models.Model)


class Unrecorded(Exception):
    """A change that would leave no entry in the log."""


@dataclass
class Block:
    """One `audited()`: what its entries are called, and what happened in it so far."""

    event: Event | None
    changed: bool = False
    recorded: bool = False


_block: ContextVar[Block | None] = ContextVar("audit_block", default=None)


def current_block() -> Block | None:
    return _block.get()


@contextmanager
def audited(event: Event | None = None) -> Iterator[None]:
    """One transaction in which guarded rows may change in bulk, if an entry says so.

    `event` is what auditlog's own entries inside are called. Raises `Unrecorded`, and so undoes
    everything, when rows were changed in bulk and nothing was recorded.
    """
    block = Block(event)
    token = _block.set(block)
    try:
        with transaction.atomic():
            yield
            if block.changed and not block.recorded:
                raise Unrecorded("Rows were changed, and the log does not say so.")
    finally:
        _block.reset(token)


def note_change(model: type[models.Model]) -> None:
    block = _block.get()
    if block is None:
        raise Unrecorded(f"{model._meta.label} is on the record: change it inside `audited()`.")
    block.changed = True


class GuardedQuerySet(models.QuerySet[Row], Generic[Row]):
    """For models registered with auditlog: `objects = GuardedQuerySet.as_manager()`."""

    def update(self, **kwargs: Any) -> int:
        note_change(self.model)
        return super().update(**kwargs)

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Row]:
        note_change(self.model)
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        note_change(self.model)
        return super().bulk_update(*args, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        note_change(self.model)
        return super().delete()

    update.alters_data = True  # type: ignore[attr-defined]
    bulk_create.alters_data = True  # type: ignore[attr-defined]
    bulk_update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
