from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Value

from encryption.fields import SealedTextField
from tests.encryption.letters import Letter, fresh, new_letter, one, raw

SECRET = "Mi mamá no debe saber 🤫"


def test_text_is_sealed_in_the_database_and_plain_on_the_row(center: UUID) -> None:
    letter = new_letter(center, SECRET)
    stored = raw(letter, "body")
    assert stored[0] == 1
    assert SECRET.encode() not in stored
    assert letter.body == fresh(letter).body == SECRET
    assert type(fresh(letter).body) is str


@pytest.mark.parametrize("value", ["", " ", "a\0b", "é", "x" * 5000, "<b>&amp;</b>", "\u202egnp.exe"])
def test_any_text_comes_back_as_it_was(center: UUID, value: str) -> None:
    assert fresh(new_letter(center, value)).body == value


@pytest.mark.parametrize("value", [{}, [], {"a": [1, 2.5, None, True, "é"]}, "text", 0, False, [{"b": {}}]])
def test_any_json_comes_back_as_it_was(center: UUID, value: Any) -> None:
    assert fresh(new_letter(center, facts=value)).facts == value


@pytest.mark.parametrize("value", [b"", b"\0", bytes(range(256)) * 8])
def test_any_bytes_come_back_as_they_were(center: UUID, value: bytes) -> None:
    assert fresh(new_letter(center, scan=value)).scan == value


def test_nothing_stays_nothing(center: UUID) -> None:
    letter = new_letter(center, draft=None)
    assert one("SELECT draft IS NULL FROM letters_letter WHERE id = %s", letter.pk) is True
    assert fresh(letter).draft is None
    letter.draft = "now"
    letter.save()
    letter.draft = None
    letter.save()
    assert fresh(letter).draft is None
    assert Letter.objects.filter(draft__isnull=True).get() == letter


def test_a_forgotten_value_is_not_sealed_as_empty_text(center: UUID) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(center_id=center)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", 7),
        ("body", b"bytes"),
        ("body", ["a"]),
        ("scan", "text"),
        ("body", F("draft")),
        ("body", Value("x")),
    ],
)
def test_a_value_of_another_type_is_refused_without_showing_it(center: UUID, field: str, value: Any) -> None:
    with pytest.raises(TypeError) as problem:
        Letter(center_id=center, **{field: value})
    assert repr(value) not in str(problem.value)


def test_half_a_character_is_refused_without_showing_the_text(center: UUID) -> None:
    with pytest.raises(ValueError, match="half of a character") as problem:
        new_letter(center, "my secret \ud83e")
    assert not isinstance(problem.value, UnicodeError), "a UnicodeError carries the whole text"
    assert "secret" not in repr(problem.value)


def test_a_value_is_sealed_again_only_when_it_was_assigned(letter: Letter) -> None:
    first = raw(letter, "body")
    letter.save()
    again = fresh(letter)
    assert again.body
    again.save()
    again.direction = ""
    again.save()
    assert raw(letter, "body") == first

    again.body = "Something else"
    again.save()
    assert raw(letter, "body") != first
    assert fresh(letter).body == "Something else"


def test_a_row_that_was_never_opened_is_saved_as_it_came(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = raw(letter, "body"), fresh(letter)
    monkeypatch.setattr("encryption.fields.open_envelope", None)
    again.save()
    assert raw(letter, "body") == first


def test_a_change_inside_json_is_saved(center: UUID) -> None:
    letter = fresh(new_letter(center, facts={"seen": []}))
    letter.facts["seen"].append("today")
    letter.save()
    assert fresh(letter).facts == {"seen": ["today"]}


def test_a_value_is_opened_when_it_is_read_and_only_once(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    original = SealedTextField.decode
    monkeypatch.setattr(SealedTextField, "decode", lambda self, plain: opened.append(1) or original(self, plain))
    again = fresh(letter)
    assert not opened
    assert again.body == again.body
    assert len(opened) == 1


def test_validation_opens_but_does_not_seal_again(letter: Letter) -> None:
    stored, again = raw(letter, "body"), fresh(letter)
    again.clean_fields(exclude=["direction", "epoch_id", "facts", "draft", "scan"])
    again.save()
    assert raw(letter, "body") == stored
