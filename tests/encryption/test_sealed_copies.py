import copy
import pickle
from uuid import UUID

import pytest
from django.apps import apps
from django.core import serializers

from encryption.errors import EnvelopeAltered
from tenancy.ids import uuid7
from tests.encryption.letters import Letter, fresh, new_letter, raw

SECRET = "Mi mamá no debe saber 🤫"


@pytest.fixture(autouse=True)
def letters_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copied or unpickled row looks for its model among the installed ones."""
    monkeypatch.setattr(apps, "get_model", lambda label, name: Letter)


def test_a_copy_with_a_new_id_is_sealed_anew(letter: Letter) -> None:
    twin = fresh(letter)
    assert twin.body
    twin.pk, twin._state.adding = uuid7(), True
    twin.save()
    assert fresh(twin).body == "Is anybody there?"
    assert raw(twin, "body") != raw(letter, "body")


def test_sealed_bytes_do_not_move_to_another_row(letter: Letter) -> None:
    twin = fresh(letter)
    twin.pk, twin._state.adding = uuid7(), True
    with pytest.raises(EnvelopeAltered):
        twin.save()


def test_nothing_that_shows_a_row_shows_its_text(center: UUID) -> None:
    letter = new_letter(center, SECRET, facts={"note": SECRET}, scan=SECRET.encode())
    letter.draft = SECRET
    shown = f"{letter} {letter!r} {vars(letter)} {vars(letter)['body']!r} {vars(fresh(letter))}"
    rows = f"{Letter.objects.values()} {Letter.objects.values_list('body')}"
    assert SECRET not in shown + rows
    assert "mam" not in shown + rows


def test_a_pickle_carries_no_text_and_opens_again(center: UUID) -> None:
    letter = new_letter(center, SECRET, facts={"note": "xyzzy"}, scan=b"xyzzy")
    for row in (letter, fresh(letter)):
        assert row.body == SECRET
        dumped = pickle.dumps(row)
        assert SECRET.encode() not in dumped
        assert b"xyzzy" not in dumped
        assert pickle.loads(dumped).body == SECRET
        assert pickle.loads(dumped).facts == {"note": "xyzzy"}
    rows = Letter.objects.all()
    assert all(row.body for row in rows)
    assert SECRET.encode() not in pickle.dumps(list(rows))


def test_text_that_is_not_sealed_yet_is_not_pickled(letter: Letter) -> None:
    letter.body = SECRET
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(letter)


def test_a_copy_in_memory_is_a_row_of_its_own(center: UUID) -> None:
    letter = new_letter(center, facts={"seen": []})
    letter.draft = "unsaved"
    for twin in (copy.copy(letter), copy.deepcopy(letter)):
        assert (twin.body, twin.draft) == (letter.body, "unsaved")
        twin.body = "Changed"
        assert letter.body == "Is anybody there?"
    deep = copy.deepcopy(letter)
    deep.facts["seen"].append(1)
    assert letter.facts == {"seen": []}


def test_a_dump_of_the_data_holds_sealed_bytes(center: UUID) -> None:
    new_letter(center, SECRET, draft=None)
    dumped = serializers.serialize("json", Letter.objects.all(), ensure_ascii=False)
    assert "mam" not in dumped
    assert '"draft": null' in dumped
