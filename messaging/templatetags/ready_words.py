"""Ready words as their editor reads them."""

from django import template

from messaging.actions.words.fields import shown
from messaging.actions.words.parts import parts_of

register = template.Library()


@register.filter
def with_field_names(words: object) -> str:
    """Kept words with the names of their fields in the reader's language."""
    return shown(str(words))


@register.filter
def parts(words: object) -> int:
    """In how many parts words travel as a text."""
    return parts_of(str(words)).count
