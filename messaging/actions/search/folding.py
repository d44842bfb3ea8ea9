"""Words as a search compares them: without case, accents and kinds of space, in English and in Spanish."""

import unicodedata
from typing import NamedTuple

# What phones write by themselves for an apostrophe, quotation marks and a dash.
_ALIKE = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})


class Folded(NamedTuple):
    """Folded text, and for each of its characters the place in the original that it comes from."""

    text: str
    places: list[int]


def fold(text: str) -> str:
    """Niño, NIÑO and nino are one; every run of white space is one space, so a line holds one entry."""
    if text.isascii():
        return " ".join(text.casefold().split())
    return _squeezed(fold_with_places(text).text)


def fold_with_places(text: str) -> Folded:
    """The same before white space is put together, with where each character stood."""
    folded, places = [], []
    for place, character in enumerate(text):
        for part in _folded(character):
            folded.append(part)
            places.append(place)
    return Folded("".join(folded), places)


def _folded(character: str) -> str:
    if character.isspace():
        return " "
    plain = _decomposed(_decomposed(character.translate(_ALIKE)).casefold()).casefold()  # Unicode D146
    return "".join(" " if part.isspace() else part for part in plain if not unicodedata.combining(part))


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _squeezed(text: str) -> str:
    return " ".join(text.split())
