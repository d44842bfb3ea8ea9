"""What is looked for, and whether the words of one conversation hold it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from messaging.actions.search.words import LAST_DIGITS, WHOLE_NUMBER, Word


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
    """Who she is to a search: her first name, folded, the digits of her number, and the ids of her tags."""

    name: str
    digits: str
    tags: str = ""  # between spaces; their labels may change

    def written(self) -> str:
        return "\t".join(self)

    @classmethod
    def read(cls, line: str) -> "Head":
        return cls(*line.split("\t"))

    def holds(self, word: Word, *, in_full: bool) -> bool:
        """Whether this word is in her name or number, or in the label of one of her tags.

        in_full    whether who searches may see the whole number. To anybody else only its last four digits answer, or
                   all of it: an answer to any part would give it away digit by digit
        """
        if word.text in self.name or any(tag in self.tags for tag in word.tags):
            return True
        is_end = bool(word.digits) and self.digits.endswith(word.digits)
        if in_full:
            return is_end or (len(word.digits) > LAST_DIGITS and word.digits in self.digits)
        return is_end and (len(word.digits) == LAST_DIGITS or len(word.digits) >= WHOLE_NUMBER)


@dataclass(frozen=True)
class Query:
    """Every one of these words, in one entry or in her name and number; of these kinds, in this time."""

    words: tuple[Word, ...]
    kind: str = ""
    since: int | None = None  # seconds since 1970, as `Line.at`
    until: int | None = None  # the first one that is too late

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind) or self.since is not None or self.until is not None

    def takes(self, line: Line) -> bool:
        if self.kind and line.kind != self.kind:
            return False
        if self.since is not None and line.at < self.since:
            return False
        return self.until is None or line.at < self.until


class Match(NamedTuple):
    """Where it was found: the numbers of entries, the latest first; none when her name or number alone is it."""

    sequences: list[int]


def written(head: Head, lines: Iterable[Line]) -> str:
    """The text of a conversation: its head, then its entries in their order, a line each."""
    return "\n".join([head.written(), *(line.written() for line in lines)])


def match(text: str, query: Query, *, in_full: bool) -> Match | None:
    """Where a conversation's text holds what is looked for, or None."""
    if not all(word.may_be_in(text) for word in query.words):
        return None  # nearly every text ends here
    first, _newline, body = text.partition("\n")
    head = Head.read(first)
    if not all(head.holds(word, in_full=in_full) or word.is_in(body) for word in query.words):
        return None  # not worth taking apart
    return match_lines(head, _lines(body), query, in_full=in_full)


def match_lines(head: Head, lines: Iterable[Line], query: Query, *, in_full: bool) -> Match | None:
    left = [word for word in query.words if not head.holds(word, in_full=in_full)]
    taken = [line for line in lines if query.takes(line)]
    sought = left or query.words
    found = [line.sequence for line in taken if all(word.is_in(line.words) for word in sought)]
    if found:
        return Match(found[::-1])
    if left or (query.is_narrowed and not taken):
        return None
    return Match([])


def _lines(body: str) -> Iterator[Line]:
    return (Line.read(line) for line in body.split("\n")) if body else iter(())
