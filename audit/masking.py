"""What the log shows of a value that it must not hold: nothing, not even its length."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

HIDDEN = "hidden"
# Fields whose values cannot be a person's words, name, address or number.
TELLABLE = (
    models.BooleanField,
    models.IntegerField,
    models.UUIDField,
    models.DateField,
    models.TimeField,
    models.DurationField,
    models.ForeignKey,
)


def nothing_of(value: object) -> str:
    """auditlog's own mask leaves half of a phone number; the settings name this one instead."""
    return HIDDEN


def shown_changes(model: type[models.Model] | None, changes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """auditlog's differences with every value hidden that is not an id, a number, a time or a choice."""
    if changes is None:
        return None
    shown = {}
    for name, pair in changes.items():
        field = _column(model, name)
        if field is not None:
            shown[name] = [_shown(field, value) for value in pair] if _is_pair(pair) else HIDDEN
    return shown


def _column(model: type[models.Model] | None, name: str) -> "models.Field[Any, Any] | None":
    """The field of that name; None for the far end of a relation, which is not a change of this row."""
    try:
        field = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2


def _shown(field: "models.Field[Any, Any]", value: object) -> str | int | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(field, TELLABLE) or value in dict(field.flatchoices):
        return value if isinstance(value, int) else str(value)
    return HIDDEN
