"""Model fields whose column holds sealed bytes and whose attribute is plain.

The model says where a row lives with `seal_scope()`; its primary key is a UUID given before insert.
A value is sealed in `pre_save`, only when it was assigned, and opened when it is first read. Look-ups,
`update()` and `bulk_update()` raise FieldError: no plain value ever reaches a query.
"""

import base64
import json
from typing import TYPE_CHECKING, Any, Generic
from uuid import UUID

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models

from encryption.chunks import SealedFile, key_id_of_file, seal_file
from encryption.descriptor import SealedAttribute, keep_sealed_while_refreshing
from encryption.envelope import Context, DataKey, key_id_of, open_envelope, seal
from encryption.errors import EnvelopeAltered, SealError
from encryption.keystore import opening_key, sealing_key
from encryption.scope import SealScope
from encryption.values import Envelope, Opened

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.lookups import Lookup

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    _ST = TypeVar("_ST", contravariant=True)  # what may be assigned
    _GT = TypeVar("_GT", covariant=True, default=_ST)  # what is read

    class _Field(models.Field[_ST, _GT]): ...

else:
    from typing import TypeVar

    _ST, _GT = TypeVar("_ST"), TypeVar("_GT")

    class _Field(models.Field, Generic[_ST, _GT]): ...


class SealedField(_Field[_ST, _GT]):
    """What the three kinds share. `schema` is part of the seal: once rows exist it never changes."""

    descriptor_class = SealedAttribute
    empty_strings_allowed = False
    value_type: type = object

    def __init__(self, *args: Any, schema: str, **kwargs: Any) -> None:
        self.schema = schema
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [*args], {**kwargs, "schema": self.schema}

    def get_internal_type(self) -> str:
        return "BinaryField"

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        keep_sealed_while_refreshing(cls)

    def encode(self, value: Any) -> bytes:
        """The bytes that are sealed."""
        raise NotImplementedError

    def decode(self, plain: bytes) -> Any:
        """The value again. Raises ValueError when the bytes are not its own."""
        raise NotImplementedError

    def refuse_wrong_type(self, value: Any) -> None:
        """Raise TypeError, without the value, when it cannot be sealed here."""
        if not isinstance(value, self.value_type):
            raise TypeError(f"{self} takes {self.value_type.__name__}, not {type(value).__name__}.")

    def open(self, instance: models.Model, envelope: Envelope) -> Opened:
        """Open the value of one row. Raises SealError."""
        context = self.context_of(instance)
        try:
            plain = self.open_bytes(envelope, context)
            return Opened(envelope, self.decode(plain), plain)
        except SealError as problem:
            problem.row_id = context.row
            raise
        except ValueError:
            raise EnvelopeAltered("This value is of another kind.", row_id=context.row) from None

    def open_bytes(self, envelope: Envelope, context: Context) -> bytes:
        """What was sealed, in the format of this kind of field. Raises SealError."""
        key = opening_key(key_id_of(envelope), context.center)
        return open_envelope(envelope, key=key, context=context)

    def seal_bytes(self, plain: bytes, key: DataKey, context: Context) -> bytes:
        """The sealed form of this kind of field."""
        return seal(plain, key=key, context=context)

    def pre_save(self, model_instance: models.Model, add: bool) -> Envelope | None:
        """The bytes to store: the ones that came, or new ones when the value or the row is new."""
        stored = getattr(type(model_instance), self.attname).stored(model_instance)
        if stored is None:
            return None
        if isinstance(stored, Envelope):
            if not add:
                return stored
            stored = self.open(model_instance, stored)  # bytes moved to another row are refused here
        plain = self.encode(stored.value)
        if isinstance(stored, Opened) and plain == stored.plain and not add:
            return stored.envelope
        context = self.context_of(model_instance)
        key = sealing_key(SealScope(context.center, context.epoch, context.direction))
        envelope = Envelope(self.seal_bytes(plain, key, context))
        model_instance.__dict__[self.attname] = Opened(envelope, stored.value, plain)
        return envelope

    def from_db_value(self, value: bytes | None, expression: Any, connection: Any) -> Envelope | None:
        return None if value is None else Envelope(value)

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, Envelope):
            raise FieldError(f"{self} is sealed: assign it and save the row, by save() or bulk_create().")
        return bytes(value)

    def get_db_prep_value(self, value: Any, connection: "BaseDatabaseWrapper", prepared: bool = False) -> Any:
        return value if prepared or hasattr(value, "resolve_expression") else self.get_prep_value(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: "BaseDatabaseWrapper") -> str:
        """Where Django asks how to write a value is where expressions can be told from sealed bytes."""
        if hasattr(value, "resolve_expression"):
            raise FieldError(f"{self} is sealed: the database cannot compute it.")
        return "%s"

    def get_lookup(self, lookup_name: str) -> "type[Lookup[Any]] | None":
        if lookup_name != "isnull":
            raise FieldError(f"{self} is sealed: it cannot be searched, only tested with isnull.")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        """What a dump holds: the sealed bytes, never the text."""
        return base64.b64encode(self.pre_save(obj, False) or b"").decode()

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_model()]

    def _check_model(self) -> list[checks.CheckMessage]:
        problems: list[checks.CheckMessage] = []
        if not callable(getattr(self.model, "seal_scope", None)):
            problems.append(
                checks.Error("A model with sealed fields needs seal_scope().", obj=self, id="encryption.E001")
            )
        if not isinstance(self.model._meta.pk, models.UUIDField):
            problems.append(checks.Error("A sealed field needs a UUID primary key.", obj=self, id="encryption.E002"))
        if self.unique or "db_index" in self.deconstruct()[3]:
            problems.append(
                checks.Error("Sealed bytes never match: index a keyed hash.", obj=self, id="encryption.E003")
            )
        return problems

    def context_of(self, instance: models.Model) -> Context:
        """The one place where the value of a row may live."""
        scope: SealScope = instance.seal_scope()  # type: ignore[attr-defined]
        row = instance.pk if isinstance(instance.pk, UUID) else UUID(instance.pk)
        return Context(self.schema, scope.center, row, scope.epoch, scope.direction)


class SealedTextField(SealedField[_ST, _GT]):
    """Sealed text; the attribute is `str`."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str
    value_type = str

    def encode(self, value: str) -> bytes:
        try:
            return value.encode()
        except UnicodeEncodeError:  # its own message and fields hold the text
            raise ValueError(f"The text of {self} holds half of a character.") from None

    def decode(self, plain: bytes) -> str:
        try:
            return plain.decode()
        except UnicodeDecodeError:
            raise ValueError(f"{self} does not hold text.") from None


class SealedJSONField(SealedField[_ST, _GT]):
    """Sealed JSON; the attribute is what `json` reads. A change within it is saved too."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    def decode(self, plain: bytes) -> Any:
        try:
            return json.loads(plain)
        except ValueError:  # its own message and fields hold the text
            raise ValueError(f"{self} does not hold JSON.") from None


class SealedBytesField(SealedField[_ST, _GT]):
    """Sealed bytes; the attribute is `bytes`."""

    _pyi_private_set_type: bytes
    _pyi_private_get_type: bytes
    value_type = bytes

    def encode(self, value: bytes) -> bytes:
        return value

    def decode(self, plain: bytes) -> bytes:
        return plain


class SealedFileField(SealedBytesField[_ST, _GT]):
    """Sealed bytes of any length, such as a picture: in chunks, unpadded (`encryption.chunks`)."""

    def open_bytes(self, envelope: Envelope, context: Context) -> bytes:
        key = opening_key(key_id_of_file(envelope), context.center)
        return SealedFile(lambda at, count: envelope[at : at + count], len(envelope), key=key, context=context).whole()

    def seal_bytes(self, plain: bytes, key: DataKey, context: Context) -> bytes:
        return seal_file(plain, key=key, context=context)
