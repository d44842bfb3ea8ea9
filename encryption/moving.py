"""A row that moves to another place is sealed for that place."""

from django.db import models

from encryption.fields import SealedField
from encryption.values import Assigned


def open_to_move(row: models.Model) -> None:
    """Open every sealed value of a row where it is, and have each sealed anew when the row is saved.

    Between the two the caller changes what `seal_scope()` says of it. Raises SealError, and nothing is changed.
    """
    fields = [field for field in row._meta.concrete_fields if isinstance(field, SealedField)]
    values = {field.attname: getattr(row, field.attname) for field in fields}
    row.__dict__.update({name: Assigned(value) for name, value in values.items() if value is not None})
