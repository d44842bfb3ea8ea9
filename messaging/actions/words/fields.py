"""Fields in ready words: stored as words that stay the same, shown by names that people read, filled for one client."""

import re
from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

FIELDS = {"first_name": _("first name"), "my_name": _("my name"), "opens": _("opening time")}
BY_ITSELF = frozenset({"opens"})  # what leaves by itself has no writer, and may name nobody
BRACED = re.compile(r"\{([^{}\n]{1,40})\}")


def stored(text: str) -> str:
    """Words as somebody typed them, with each field under the name that is kept."""
    return BRACED.sub(lambda found: f"{{{_kept(found[1]) or found[1]}}}", text)


def shown(text: str) -> str:
    """Kept words with each field under its name in the reader's language."""
    return BRACED.sub(lambda found: _shown(_kept(found[1])) or found[0], text)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Kept words with all that is known in them; a field without a value stays, under its shown name."""
    return BRACED.sub(lambda found: values.get(_kept(found[1]), "") or _shown(_kept(found[1])) or found[0], text)


def fields_in(text: str) -> list[str]:
    """The fields of a text under the names that are kept, each once; one that does not exist is not among them."""
    return list(dict.fromkeys(kept for name in BRACED.findall(text) if (kept := _kept(name))))


def strangers_in(text: str) -> list[str]:
    """What stands in braces and is no field."""
    return list(dict.fromkeys(f"{{{name}}}" for name in BRACED.findall(text) if not _kept(name)))


def in_braces(*fields: str) -> str:
    """Fields as a person types them in her language: {first name}, {my name}."""
    return ", ".join(filter(None, map(_shown, fields)))


def _shown(kept: str) -> str:
    return f"{{{FIELDS[kept]}}}" if kept else ""


def _kept(name: str) -> str:
    """The kept name of what stands in braces, in whichever language it was typed; "" when it is no field."""
    return _names().get(" ".join(name.casefold().split()), "")


@cache
def _names() -> dict[str, str]:
    names = {kept: kept for kept in FIELDS}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names |= {str(label).casefold(): kept for kept, label in FIELDS.items()}
    return names
