"""Every string for people has its Spanish, with the same places to fill in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "locale" / "es" / "LC_MESSAGES"
ROOMS = ("config", "messaging", "accounts", "audit", "encryption", "jobs", "tenancy", "backup")
MARKED = {"_", "gettext", "gettext_lazy", "ngettext"}
TAGS = re.compile(r"""\{%-?\s*translate\s+(?:"([^"]*)"|'([^']*)')|_\("([^"]*)"\)""")
COMMENTS = re.compile(r"\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")

catalogue = polib.pofile(str(FOLDER / "django.po"))
known = {entry.msgid for entry in catalogue if not entry.obsolete}


def strings_of_code() -> Iterator[str]:
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in MARKED:
                yield from _first_text(node)


def strings_of_templates() -> Iterator[str]:
    for path in (ROOT / "templates").rglob("*.html"):
        for found in TAGS.finditer(COMMENTS.sub("", path.read_text())):
            yield next(group for group in found.groups() if group is not None).replace("%", "%%")


def _first_text(call: ast.Call) -> Iterator[str]:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value


def _name(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def test_every_string_of_the_code_is_in_the_catalogue() -> None:
    assert sorted(set(strings_of_code()) - known) == []


def test_every_string_of_the_pages_is_in_the_catalogue() -> None:
    assert sorted(set(strings_of_templates()) - known) == []


def test_the_search_for_strings_finds_both_kinds() -> None:
    assert "Wrong number" in set(strings_of_code())
    assert "Inbox" in set(strings_of_templates())


@pytest.mark.parametrize("entry", [entry for entry in catalogue if not entry.obsolete], ids=lambda entry: entry.msgid)
def test_a_string_has_its_spanish_with_the_same_places(entry: polib.POEntry) -> None:
    spanish = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    assert all(spanish), "there is no Spanish"
    assert "fuzzy" not in entry.flags
    for words in spanish:
        assert sorted(PLACES.findall(words)) == sorted(PLACES.findall(entry.msgid))


def test_the_compiled_catalogue_says_what_the_readable_one_says() -> None:
    compiled = {entry.msgid: entry.msgstr or entry.msgstr_plural for entry in polib.mofile(str(FOLDER / "django.mo"))}
    readable = {entry.msgid: entry.msgstr or entry.msgstr_plural for entry in catalogue if not entry.obsolete}
    assert compiled == readable
