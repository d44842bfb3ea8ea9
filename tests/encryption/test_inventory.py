import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from encryption import inventory
from encryption.fields import SealedTextField
from encryption.inventory import INDEX, PLAIN, listed_columns, open_columns, sealed_columns

SCHEMAS = Path(__file__).parent / "schemas.txt"


class Unlisted(models.Model):
    """A table that nobody told the inventory about."""

    name = models.CharField(max_length=20)
    size = models.IntegerField()
    address = models.GenericIPAddressField()
    thing = models.JSONField()
    raw = models.BinaryField()
    link = models.URLField()
    sealed = SealedTextField(schema="letters.unlisted.sealed.v1")

    class Meta:
        app_label = "letters"

    def __str__(self) -> str:
        return "unlisted"


def test_every_column_that_could_hold_words_is_sealed_or_listed_with_a_reason() -> None:
    unlisted = sorted(open_columns() - set(listed_columns()))
    assert not unlisted, "seal these, or say in encryption/inventory.py why they are not: " + ", ".join(unlisted)


def test_every_row_of_the_inventory_has_a_column() -> None:
    stale = sorted(set(listed_columns()) - open_columns())
    assert not stale, "these stand in encryption/inventory.py and are no open columns: " + ", ".join(stale)


def test_every_column_is_listed_once_and_has_a_reason() -> None:
    listed = listed_columns()
    assert len(listed) == len(set(listed))
    assert all(len(reason) > 10 for group in (INDEX, PLAIN) for reason in group)


def test_the_walk_sees_a_column_that_nobody_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory.apps, "get_models", lambda **options: [Unlisted])
    assert open_columns() == {f"letters.unlisted.{name}" for name in ("name", "address", "thing", "raw", "link")}
    assert sealed_columns() == {"letters.unlisted.sealed": "letters.unlisted.sealed.v1"}


def golden() -> dict[str, str]:
    lines = SCHEMAS.read_text().splitlines()
    return dict(line.split(" ") for line in lines if line and not line.startswith("#"))


def test_no_schema_string_ever_changes() -> None:
    """A schema string is part of every seal under it: changed, nothing sealed before would open."""
    assert sealed_columns() == golden(), f"new columns belong into {SCHEMAS.name}; old lines must stay as they are"


def test_no_two_columns_share_a_schema_string() -> None:
    schemas = list(sealed_columns().values())
    assert len(schemas) == len(set(schemas))
    assert not [schema for schema in schemas if schema.startswith("encryption.key.")], "that is how keys are wrapped"


def test_a_schema_string_names_a_place_and_a_version() -> None:
    pattern = re.compile(r"[a-z_]+\.[a-z_]+\.[a-z_]+\.v\d+")
    assert [schema for schema in sealed_columns().values() if not pattern.fullmatch(schema)] == []


def sealed_models() -> Iterator[type[models.Model]]:
    names = {column.rpartition(".")[0] for column in sealed_columns()}
    return (model for model in apps.get_models() if model._meta.label_lower in names)


def test_every_model_with_sealed_columns_says_where_its_rows_live() -> None:
    assert [problem for model in sealed_models() for field in model._meta.fields for problem in field.check()] == []
