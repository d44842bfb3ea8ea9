"""What somebody typed, as the words that are looked for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from messaging.actions.search.folding import fold

MOST_WORDS = 8
LAST_DIGITS = 4  # by so many a number is known to whoever may not see the rest of it
WHOLE_NUMBER = 10  # digits; with or without what stands before them
LEAST_NUMBER = 7  # from so many digits on, it makes no difference how they are grouped
_BETWEEN = r"[\s().+/-]"
_NUMBER = re.compile(rf"(?:\d|{_BETWEEN})+")
_PARTS = re.compile(r'"([^"]+)"|([^\s"]+)')
_COUNTRY = re.compile(r"1(?=\d{10}$)")  # of +1 614 555 0102: nobody writes it in a sentence


@dataclass(frozen=True)
class Word:
    """Folded text; of what is written like a number also its digits, however they are grouped.

    tags    the ids of the tags whose labels hold it
    """

    text: str
    digits: str = ""
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, part: str) -> "Word":
        digits = re.sub(r"\D", "", part) if _NUMBER.fullmatch(part) else ""
        return cls(fold(part), _COUNTRY.sub("", digits))

    def may_be_in(self, text: str) -> bool:
        """False where neither the head nor an entry of a conversation's text can hold it."""
        return self.text in text or bool(self.digits or self.tags)

    def is_in(self, words: str) -> bool:
        """Whether folded words hold it."""
        return self.text in words or (bool(self._groups) and self._pattern.search(words) is not None)

    def places_in(self, words: str) -> Iterator[tuple[int, int]]:
        """Where it stands: the first character, and the one behind the last."""
        return (found.span() for found in self._pattern.finditer(words))

    @cached_property
    def _groups(self) -> str:
        """Of a long number, its digits in any groups; of a short one such as a day, in its own: 12/05 and 12.05."""
        if len(self.digits) >= LEAST_NUMBER:
            return f"{_BETWEEN}{{0,3}}".join(self.digits)
        groups = re.findall(r"\d+", self.text) if self.digits else []
        return f"{_BETWEEN}{{1,3}}".join(groups) if len(groups) > 1 else ""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(filter(None, [re.escape(self.text), self._groups])))


def words_of(text: str) -> tuple[Word, ...]:
    """What somebody typed; "a phrase" is one word, and so is a phone number or a date that is written in groups.

    Words of one letter say nothing and are left out; of more than eight the first eight count.
    """
    whole = Word.of(text.strip())
    if len(whole.digits) >= LEAST_NUMBER:
        return (whole,)
    parts = (Word.of(phrase or word) for phrase, word in _PARTS.findall(text))
    return tuple(dict.fromkeys(word for word in parts if len(word.text) > 1))[:MOST_WORDS]
