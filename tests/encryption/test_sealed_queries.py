from uuid import UUID

import pytest
from django.core.exceptions import FieldError
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.test.utils import isolate_apps
from pytest_django import DjangoAssertNumQueries

from encryption.cache import KEYS
from encryption.errors import KeyMissing
from encryption.fields import SealedTextField
from encryption.keystore import create_epoch_key
from encryption.prefetch import prefetch_keys
from encryption.values import Envelope
from tenancy.ids import uuid7
from tenancy.scope import in_center
from tests.encryption.letters import Letter, fresh, new_letter, raw, swap_in


def test_update_fields_seals_what_it_names_and_nothing_else(letter: Letter) -> None:
    letter.body, letter.draft = "Changed", "Not yet"
    letter.save(update_fields=["body"])
    assert fresh(letter).body == "Changed"
    assert fresh(letter).draft is None


def test_bulk_create_seals_every_row(center: UUID) -> None:
    rows = [Letter(center_id=center, body=f"letter {number}") for number in range(50)]
    Letter.objects.bulk_create(rows)
    assert {fresh(row).body for row in rows} == {f"letter {number}" for number in range(50)}
    assert not any(b"letter" in raw(row, "body") for row in rows)


def test_get_or_create_and_update_or_create_seal_their_defaults(center: UUID) -> None:
    letter, _ = Letter.objects.get_or_create(center_id=center, defaults={"body": "first"})
    Letter.objects.update_or_create(pk=letter.pk, defaults={"body": "second"})
    assert fresh(letter).body == "second"


@pytest.mark.parametrize(
    "search",
    [
        Q(body="Is anybody there?"),
        Q(body__contains="any"),
        Q(body__in=["a"]),
        Q(body=F("draft")),
        Q(body=None),
        Q(facts={"a": 1}),
        Q(scan=b"x"),
        Q(body__gt="a"),
        ~Q(body="a"),
    ],
)
def test_a_sealed_value_cannot_be_searched(letter: Letter, search: Q) -> None:
    with pytest.raises(FieldError, match="is sealed"):
        Letter.objects.filter(search).exists()


def test_a_plain_value_never_reaches_a_query(letter: Letter) -> None:
    letter.body = "Changed"
    attempts = [
        lambda: Letter.objects.update(body="Changed"),
        lambda: Letter.objects.update(body=Value("Changed")),
        lambda: Letter.objects.update(body=F("draft")),
        lambda: Letter.objects.update(body=Case(When(direction="", then=Value(b"Changed")))),
        lambda: Letter.objects.bulk_update([letter], ["body"]),
    ]
    for attempt in attempts:
        with pytest.raises(FieldError, match="is sealed"), transaction.atomic():
            attempt()
    assert fresh(letter).body == "Is anybody there?"


def test_only_and_defer_fetch_the_value_when_it_is_read(
    letter: Letter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for rows in (Letter.objects.defer("body"), Letter.objects.only("direction", "center_id", "epoch_id")):
        again = rows.get(pk=letter.pk)
        with django_assert_num_queries(1):
            assert again.body == again.body == "Is anybody there?"


def test_a_row_saved_without_its_deferred_value_keeps_it(letter: Letter) -> None:
    stored, again = raw(letter, "body"), Letter.objects.defer("body").get(pk=letter.pk)
    again.save()
    assert raw(letter, "body") == stored


def test_refresh_from_db_brings_the_stored_value_and_opens_nothing(
    letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = fresh(letter)
    other.body = "Changed elsewhere"
    other.save()
    stored = raw(letter, "body")

    letter.body = "Never saved"
    letter.refresh_from_db()
    monkeypatch.setattr("encryption.fields.seal", None)
    letter.save()
    assert raw(letter, "body") == stored, "refreshing is not assigning"
    assert letter.body == "Changed elsewhere"


def test_an_unreadable_row_can_be_refreshed_and_saved(letter: Letter) -> None:
    swap_in(letter, "body", bytes([1]) * 145)
    letter.refresh_from_db()
    letter.direction = "in"
    letter.save(update_fields=["direction"])
    with pytest.raises(KeyMissing):
        letter.body  # noqa: B018


def test_the_keys_of_a_page_come_with_one_query(
    center: UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    epochs = [uuid7() for _ in range(10)]
    for epoch in epochs:
        create_epoch_key(center, epoch)
        new_letter(center, epoch_id=epoch)
    with in_center(center):
        rows = [*Letter.objects.all(), new_letter(center, "already open")]
        swap_in(rows[0], "body", b"rubbish")
        rows[0].refresh_from_db()
        KEYS.clear()
        with django_assert_num_queries(1):
            prefetch_keys(rows)
        with django_assert_num_queries(0):
            assert len([row.body for row in rows[1:]]) == 10


@isolate_apps("tests.encryption")
def test_a_model_that_cannot_seal_fails_the_system_check() -> None:
    class Broken(models.Model):
        body = SealedTextField(schema="letters.broken.body.v1", unique=True)

        class Meta:
            app_label = "letters"

        def __str__(self) -> str:
            return "broken"

    codes = {problem.id for problem in Broken._meta.get_field("body").check()}
    assert {"encryption.E001", "encryption.E002", "encryption.E003"} <= codes
    assert not Letter._meta.get_field("body").check()


def test_a_migration_keeps_the_schema_string() -> None:
    _, path, _, kwargs = Letter._meta.get_field("draft").deconstruct()
    assert path == "encryption.fields.SealedTextField"
    assert kwargs == {"schema": "letters.letter.draft.v1", "null": True}


def test_what_values_gives_is_an_envelope(letter: Letter) -> None:
    assert isinstance(Letter.objects.values_list("body", flat=True).get(), Envelope)
