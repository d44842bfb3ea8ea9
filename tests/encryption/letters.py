"""A table with every kind of sealed field, for these tests alone. Its app is not installed."""

from typing import Any
from uuid import UUID

from django.db import connections, models

from encryption.fields import SealedBytesField, SealedJSONField, SealedTextField
from encryption.scope import SealScope
from tenancy.ids import uuid7


class Letter(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    center_id = models.UUIDField()
    epoch_id = models.UUIDField(null=True)
    direction = models.CharField(max_length=4, default="")
    body = SealedTextField(schema="letters.letter.body.v1")
    draft = SealedTextField(schema="letters.letter.draft.v1", null=True)
    facts = SealedJSONField(schema="letters.letter.facts.v1", null=True)
    scan = SealedBytesField(schema="letters.letter.scan.v1", null=True)

    class Meta:
        app_label = "letters"

    def __str__(self) -> str:
        return f"letter {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(self.center_id, self.epoch_id, self.direction)


def create_table() -> None:
    """Make the table, as the owner of the database would."""
    with connections["owner"].schema_editor() as editor:
        editor.create_model(Letter)
    connections["owner"].close()


def raw(letter: Letter, column: str) -> bytes:
    """What is really in the database."""
    return bytes(one(f"SELECT {column} FROM letters_letter WHERE id = %s", letter.pk))


def one(statement: str, *parameters: Any) -> Any:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def swap_in(letter: Letter, column: str, envelope: bytes) -> None:
    """Put bytes into the database behind the product's back."""
    with connections["default"].cursor() as cursor:
        cursor.execute(f"UPDATE letters_letter SET {column} = %s WHERE id = %s", [envelope, letter.pk])


def fresh(letter: Letter) -> Letter:
    return Letter.objects.get(pk=letter.pk)


def new_letter(center: UUID, body: str = "Is anybody there?", **more: Any) -> Letter:
    return Letter.objects.create(center_id=center, body=body, **more)
