from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from encryption.errors import SealError
from encryption.prefetch import prefetch_keys
from messaging.actions.search.folding import fold
from messaging.actions.search.words import Word
from messaging.models import Tag


def with_tags(words: Iterable[Word], center_id: UUID) -> tuple[Word, ...]:
    """These words, each with the tags of the center whose labels hold it, those out of use among them."""
    tags = list(Tag.objects.filter(center=center_id))
    prefetch_keys(tags)
    labels = {tag.pk.hex: _folded(tag) for tag in tags}
    return tuple(replace(word, tags=tuple(pk for pk, label in labels.items() if word.text in label)) for word in words)


def _folded(tag: Tag) -> str:
    """What cannot be opened holds no word."""
    try:
        return fold(tag.label)
    except SealError:
        return ""
