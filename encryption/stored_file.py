"""A sealed file where it is stored: only the pieces that are asked for are read, and opened."""

from typing import Any

from django.db import models
from django.db.models import F, Func, Value

from encryption.chunks import PREFIX, SealedFile, key_id_of_file
from encryption.errors import EnvelopeAltered
from encryption.fields import SealedFileField
from encryption.keystore import opening_key


def stored_file(row: models.Model, name: str) -> SealedFile:
    """The file in one column of a row that is saved, within the transaction's scope. Raises SealError.

    PostgreSQL keeps long values in slices and cuts pieces out of them without reading the rest.
    """
    field = row._meta.get_field(name)
    if not isinstance(field, SealedFileField):
        raise TypeError(f"{name} holds no sealed file.")
    length = _length(row, field)
    context = field.context_of(row)
    key = opening_key(key_id_of_file(_read(row, field, 0, PREFIX)), context.center)
    return SealedFile(lambda at, count: _read(row, field, at, count), length, key=key, context=context)


def _length(row: models.Model, field: "SealedFileField[Any]") -> int:
    found = _ask(row, Func(F(field.name), function="octet_length", output_field=models.IntegerField()))
    if found is None:
        raise EnvelopeAltered("There is no file.")
    return int(found)


def _read(row: models.Model, field: "SealedFileField[Any]", at: int, count: int) -> bytes:
    place = Value(at + 1), Value(count)
    part = Func(F(field.name), *place, function="substring", output_field=models.BinaryField())
    return bytes(_ask(row, part) or b"")


def _ask(row: models.Model, part: Any) -> Any:
    return type(row)._default_manager.filter(pk=row.pk).values_list(part, flat=True).first()
