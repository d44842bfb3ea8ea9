"""Folding, marking and matching, for any text there is."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from messaging.actions.search.folding import fold, fold_with_places
from messaging.actions.search.matching import Head, Line, Query, match, match_lines, written
from messaging.actions.search.words import Word, words_of
from messaging.views.found import marked

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
FOLDED = WORDS.map(fold)
LINES = st.lists(st.tuples(st.sampled_from("ion"), st.integers(0, 2**33), FOLDED), max_size=6).map(
    lambda parts: [Line(number + 1, *part) for number, part in enumerate(parts)]
)
TAGS = st.lists(st.uuids().map(lambda pk: pk.hex), max_size=3).map(" ".join)
HEADS = st.builds(Head, FOLDED, st.text("0123456789", max_size=15), TAGS)


@given(WORDS)
def test_folding_twice_is_folding_once_and_never_breaks_a_line(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert not {"\n", "\t"} & set(folded)


@given(WORDS)
def test_case_and_form_make_no_difference(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(WORDS)
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    folded = fold_with_places(text)
    assert len(folded.text) == len(folded.places)
    assert folded.places == sorted(folded.places)
    assert all(0 <= place < len(text) for place in folded.places)


@given(HEADS, LINES, FOLDED, st.booleans())
def test_a_text_that_was_put_together_matches_as_its_entries_do(
    head: Head, lines: list[Line], words: str, in_full: bool
) -> None:
    query = Query(words_of(words))
    if query.words:
        together = match(written(head, lines), query, in_full=in_full)
        assert together == match_lines(head, lines, query, in_full=in_full)


@given(HEADS, LINES, st.sampled_from(["", "i", "n"]))
def test_every_word_of_an_entry_finds_it(head: Head, lines: list[Line], kind: str) -> None:
    for line in lines:
        query = Query(words_of(line.words), kind)
        found = match(written(head, lines), query, in_full=True) if query.words else None
        if query.words and kind in ("", line.kind):
            assert found is not None
            left = [word for word in query.words if not head.holds(word, in_full=True)]
            assert line.sequence in found.sequences or not left


@given(HEADS, st.text("0123456789", min_size=1, max_size=15))
def test_of_a_number_that_one_may_not_see_only_its_end_or_all_of_it_answers(head: Head, digits: str) -> None:
    word = Word.of(digits)
    if head.holds(word, in_full=False) and word.text not in head.name:
        assert len(word.digits) == 4 or len(word.digits) >= 10
        assert head.digits.endswith(word.digits)


@given(WORDS, st.lists(FOLDED.filter(bool), max_size=3))
def test_marking_shows_a_part_of_the_text_as_it_stands(body: str, words: list[str]) -> None:
    shown = "".join(part.text for part in marked(body, [Word.of(word) for word in words]) if part.text != "…")
    assert shown in body or "…" in body
