"""The tree against a naive one, written straight from RFC 9162, and against another library's."""

from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
    split,
)


def naive(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return sha256(b"\x01" + naive(leaves[:middle]) + naive(leaves[middle:])).digest()


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


def between(leaves: list[bytes]):
    return lambda first, last: naive(leaves[first:last])


def test_the_empty_tree_is_the_hash_of_nothing():
    assert root_of([]) == EMPTY_ROOT == naive([])


@pytest.mark.parametrize("size", range(1, 70))
def test_the_frontier_gives_the_same_root_as_the_whole_tree(size):
    assert root_of(leaves_of(size)) == naive(leaves_of(size))


@given(st.integers(0, 600), st.integers(0, 200))
def test_a_frontier_that_was_put_away_goes_on_where_it_was(before, after):
    leaves = leaves_of(before + after)
    first = Frontier()
    for leaf in leaves[:before]:
        first.append(leaf)
    second = Frontier(first.size, first.packed())
    for leaf in leaves[before:]:
        second.append(leaf)
    assert second.root() == root_of(leaves)


def test_a_frontier_of_another_size_is_refused():
    with pytest.raises(ValueError):
        Frontier(3, b"\x00" * 32)


def test_every_closed_subtree_is_reported_with_its_root():
    leaves = leaves_of(512)
    frontier = Frontier()
    for leaf in leaves:
        for level, index, root in frontier.append(leaf):
            width = 1 << level
            assert root == naive(leaves[index * width : (index + 1) * width])


@given(st.integers(1, 300), st.data())
def test_a_leaf_is_proved_and_no_other_leaf_place_or_root_is(size, data):
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    proof = inclusion_proof(index, size, between(leaves))
    root = naive(leaves)

    assert proves_inclusion(leaves[index], index, size, proof, root)
    assert not proves_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not proves_inclusion(leaves[index], index, size, proof, leaf_hash(b"other"))
    assert not proves_inclusion(leaves[index], index, size, [*proof, root], root)
    if size > 1:
        assert not proves_inclusion(leaves[index], (index + 1) % size, size, proof, root)
        assert not proves_inclusion(leaves[index], index, size, proof[:-1], root)


@given(st.integers(1, 300), st.data())
def test_an_older_tree_is_proved_to_be_the_beginning_of_a_newer_one(new, data):
    old = data.draw(st.integers(1, new))
    leaves = leaves_of(new)
    proof = consistency_proof(old, new, between(leaves))
    older, newer = naive(leaves[:old]), naive(leaves)

    assert proves_consistency(old, new, older, newer, proof)
    assert not proves_consistency(old, new, leaf_hash(b"fork"), newer, proof)
    assert not proves_consistency(old, new, older, leaf_hash(b"fork"), proof)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64, 100])
def test_another_library_finds_the_same_roots_and_proofs(size):
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        theirs.append_entry(b"%d" % number)
    leaves = leaves_of(size)

    assert theirs.get_root() == root_of(leaves)
    for index in range(size):
        proof = theirs.prove_inclusion(index + 1, size)
        assert set(inclusion_proof(index, size, between(leaves))) <= set(proof.path)


def test_the_prefixes_keep_leaves_and_nodes_apart():
    left, right = leaves_of(2)
    assert node_hash(left, right) != leaf_hash(left + right)
