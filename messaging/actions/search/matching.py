"""What is looked for, and whether the words of one conversation hold it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from messaging.actions.search.folding import fold

MOST_WORDS = 8
LAST_DIGITS = 4  # so few are the end of a number, not a part of it
LEAST_NUMBER = 7  # digits
_NUMBER = re.compile(r"[\d\s().+-]+")
_PARTS = re.compile(r'"([^"]+)"|([^\s"]+)')


class Kind(StrEnum):
    """Who said an entry, in the one letter that its line begins with."""

    HERS = "i"
    OURS = "o"
    NOTE = "n"


class Line(NamedTuple):
    """One entry as a search sees it: who said it, when (seconds since 1970), and its folded words."""

    sequence: int
    kind: str
    at: int
    words: str

    def written(self) -> str:
        return f"{self.sequence}\t{self.kind}\t{self.at}\t{self.words}"

    @classmethod
    def read(cls, line: str) -> "Line":
        sequence, kind, at, words = line.split("\t", 3)
        return cls(int(sequence), kind, int(at), words)


class Head(NamedTuple):
    """Who she is to a search: her first name, folded, and the digits of her number."""

    name: str
    digits: str

    def written(self) -> str:
        return f"{self.name}\t{self.digits}"

    @classmethod
    def read(cls, line: str) -> "Head":
        name, _tab, digits = line.partition("\t")
        return cls(name, digits)

    def holds(self, word: str) -> bool:
        if word in self.name:
            return True
        return self.digits.endswith(word) if len(word) <= LAST_DIGITS else word in self.digits


@dataclass(frozen=True)
class Query:
    """Every one of these words, in one entry or in her name and number; of these kinds, in this time."""

    words: tuple[str, ...]
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind or self.since or self.until)

    def may_be_in(self, text: str) -> bool:
        """Whether it is worth taking a text apart."""
        return all(word in text for word in self.words)

    def takes(self, line: Line) -> bool:
        if self.kind and line.kind != self.kind:
            return False
        if self.since and line.at < self.since.timestamp():
            return False
        return not (self.until and line.at >= self.until.timestamp())


class Match(NamedTuple):
    """Where it was found: the numbers of entries, the latest first; none when her name or number alone is it."""

    sequences: list[int]


def words_of(text: str) -> tuple[str, ...]:
    """What somebody typed, as folded words; "a phrase" is one; a phone number is one, by its digits.

    Words of one letter say nothing and are left out; of more than eight the first eight count.
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) >= LEAST_NUMBER and _NUMBER.fullmatch(text.strip()):
        return (digits,)
    parts = (fold(phrase or word) for phrase, word in _PARTS.findall(text))
    return tuple(dict.fromkeys(part for part in parts if len(part) > 1))[:MOST_WORDS]


def written(head: Head, lines: Iterable[Line]) -> str:
    """The text of a conversation: its head, then its entries in their order, a line each."""
    return "\n".join([head.written(), *(line.written() for line in lines)])


def match(text: str, query: Query) -> Match | None:
    """Where a conversation's text holds what is looked for, or None."""
    if not query.may_be_in(text):
        return None
    head, _newline, body = text.partition("\n")
    return match_lines(Head.read(head), _lines(body), query)


def match_lines(head: Head, lines: Iterable[Line], query: Query) -> Match | None:
    left = [word for word in query.words if not head.holds(word)]
    taken = [line for line in lines if query.takes(line)]
    sought = left or query.words
    found = [line.sequence for line in taken if all(word in line.words for word in sought)]
    if found:
        return Match(found[::-1])
    if left or (query.is_narrowed and not taken):
        return None
    return Match([])


def _lines(body: str) -> Iterator[Line]:
    return (Line.read(line) for line in body.split("\n")) if body else iter(())
