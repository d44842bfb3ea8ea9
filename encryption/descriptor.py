"""The attribute of a sealed field: opens what came from the database when it is first read."""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute

from encryption.values import Assigned, Envelope, Opened, Stored

if TYPE_CHECKING:
    from encryption.fields import SealedField

_REFRESHING: ContextVar[bool] = ContextVar("sealed_values_refreshing", default=False)


class SealedAttribute(DeferredAttribute):
    """Holds an `Envelope`, `Opened` or `Assigned` in the instance, and shows plain values."""

    field: "SealedField[Any, Any]"

    def __get__(self, instance: Model | None, cls: type[Model] | None = None) -> Any:
        if instance is None:
            return self
        stored = self.stored(instance)
        if stored is None or _REFRESHING.get():
            return stored
        if isinstance(stored, Envelope):
            stored = self.field.open(instance, stored)
            instance.__dict__[self.field.attname] = stored
        return stored.value

    def __set__(self, instance: Model, value: Any) -> None:
        if value is not None and not isinstance(value, Envelope | Opened | Assigned):
            self.field.refuse_wrong_type(value)
            held = instance.__dict__.get(self.field.attname)
            value = held if isinstance(held, Opened) and held.value == value else Assigned(value)
        instance.__dict__[self.field.attname] = value

    def stored(self, instance: Model) -> Stored:
        """What the instance holds, fetched first when the field was deferred."""
        held: Stored = super().__get__(instance, type(instance))
        return held


def keep_sealed_while_refreshing(cls: type[Model]) -> None:
    """Let `refresh_from_db` move envelopes as they are.

    Django copies each value through its attribute. That would open every one of them, fail on an
    unreadable row, and mark them all as assigned.
    """
    if not hasattr(cls.refresh_from_db, "keeps_sealed"):
        cls.refresh_from_db = _keeping_sealed(cls.refresh_from_db)  # type: ignore[method-assign]


def _keeping_sealed(refresh: Callable[..., None]) -> Callable[..., None]:
    @wraps(refresh)
    def refresh_from_db(*args: Any, **kwargs: Any) -> None:
        token = _REFRESHING.set(True)
        try:
            refresh(*args, **kwargs)
        finally:
            _REFRESHING.reset(token)

    refresh_from_db.keeps_sealed = True  # type: ignore[attr-defined]
    return refresh_from_db
