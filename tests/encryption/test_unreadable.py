from uuid import UUID

import pytest
from django.db import models, transaction
from django.template import Context, Template

from encryption.cache import KEYS
from encryption.errors import EnvelopeAltered, KeyDestroyed, KeyMissing
from encryption.keystore import destroy_epoch_key
from encryption.models import Key
from tenancy.scope import in_platform
from tests.encryption.letters import Letter, fresh, new_letter, raw, swap_in


def test_a_value_that_cannot_be_opened_raises_and_is_never_empty(letter: Letter) -> None:
    stored = raw(letter, "body")
    swap_in(letter, "body", stored[:-1] + bytes([stored[-1] ^ 1]))
    again = fresh(letter)
    for _ in range(2):
        with pytest.raises(EnvelopeAltered) as problem:
            again.body  # noqa: B018
        assert problem.value.row_id == letter.pk
        assert problem.value.key_id == stored[1:9].hex()


@pytest.mark.parametrize("stored", [b"", b"Is anybody there?", b"\1" * 81, b"\2" * 145])
def test_bytes_that_are_no_envelope_are_refused(letter: Letter, stored: bytes) -> None:
    swap_in(letter, "body", stored)
    with pytest.raises(EnvelopeAltered) as problem:
        fresh(letter).body  # noqa: B018
    assert problem.value.row_id == letter.pk


def test_a_value_of_another_kind_is_refused(letter: Letter, center: UUID) -> None:
    field = Letter._meta.get_field("body")
    other = new_letter(center, facts=None)
    other.scan = b"\xff\xfe"
    wrong = models.Field.clone(Letter._meta.get_field("scan"))
    wrong.schema, wrong.attname, wrong.model = field.schema, "scan", Letter
    swap_in(other, "body", wrong.pre_save(other, add=True))
    with pytest.raises(EnvelopeAltered, match="another kind") as problem:
        fresh(other).body  # noqa: B018
    assert problem.value.__suppress_context__


def test_erasing_an_epoch_ends_its_letters_and_no_others(center: UUID, epoch: UUID) -> None:
    gone, kept = new_letter(center, epoch_id=epoch), new_letter(center)
    destroy_epoch_key(center, epoch)
    with pytest.raises(KeyDestroyed):
        fresh(gone).body  # noqa: B018
    with pytest.raises(KeyDestroyed), transaction.atomic():
        new_letter(center, epoch_id=epoch)
    assert fresh(kept).body == "Is anybody there?"


def test_a_missing_key_is_told_from_a_destroyed_one(letter: Letter) -> None:
    KEYS.clear()
    with in_platform():
        Key.objects.filter(purpose="rest").delete()
    with pytest.raises(KeyMissing) as problem:
        fresh(letter).body  # noqa: B018
    assert problem.value.row_id == letter.pk


def page(row: Letter) -> str:
    template = Template('{% load sealed %}<p>{{ row|unsealed:"body" }}</p><p>{{ row|unsealed:"draft" }}</p>')
    return template.render(Context({"row": row}))


def test_an_unreadable_value_marks_itself_and_the_page_goes_on(center: UUID, caplog: pytest.LogCaptureFixture) -> None:
    letter = new_letter(center, "nobody may know", draft="the rest of the page")
    swap_in(letter, "body", raw(letter, "draft"))
    shown = page(fresh(letter))
    assert shown == "<p>This cannot be shown.</p><p>the rest of the page</p>"


def test_the_log_of_an_unreadable_value_holds_two_ids_and_no_words(
    center: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    letter = new_letter(center, "nobody may know")
    stored = raw(letter, "body")
    swap_in(letter, "body", stored[:-1] + bytes([stored[-1] ^ 1]))
    page(fresh(letter))
    (entry,) = caplog.records
    assert entry.name == "quietline.encryption"
    assert vars(entry)["key_id"] == stored[1:9].hex()
    assert vars(entry)["row_id"] == str(letter.pk)
    assert vars(entry)["problem"] == "EnvelopeAltered"
    assert "nobody" not in str(vars(entry))
    assert entry.exc_info is None


def test_a_readable_value_is_escaped_like_any_other(center: UUID) -> None:
    shown = page(new_letter(center, "<script>alert(1)</script>", draft="a & b"))
    assert shown == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p><p>a &amp; b</p>"


def test_the_marker_speaks_the_language_of_the_page(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("encryption.templatetags.sealed._", lambda text: f"translated: {text}")
    swap_in(letter, "body", b"")
    assert page(fresh(letter)).startswith("<p>translated: This cannot be shown.</p>")
