"""The Merkle tree of RFC 9162, section 2.1, over leaf hashes.

Appending needs only the frontier: the roots of the complete subtrees that the size falls into,
largest first, at most 64 of them. Proofs ask for roots of aligned ranges through `RangeRoot`,
so they work on a list in memory and on the stored subtree roots alike.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH = 32
EMPTY_ROOT = sha256(b"").digest()
# (first leaf, one past the last leaf) -> the root of that range
RangeRoot = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size`: where RFC 9162 cuts a tree of at least two."""
    return 1 << (size - 1).bit_length() - 1


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes (or over the roots of equal, complete subtrees)."""
    frontier = Frontier()
    for one in hashes:
        frontier.append(one)
    return frontier.root()


class Frontier:
    """A tree that can only grow. `append` returns each complete subtree that the leaf closes."""

    def __init__(self, size: int = 0, packed: bytes = b"") -> None:
        self.size = size
        self._roots = [packed[at : at + HASH] for at in range(0, len(packed), HASH)]
        if len(self._roots) != size.bit_count() or len(packed) % HASH:
            raise ValueError("This frontier does not belong to a tree of this size.")

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Take one leaf hash; return (level, index, root) of every subtree that is complete now."""
        closed = []
        level, index, root = 0, self.size, leaf
        while index & 1:
            level, index, root = level + 1, index >> 1, node_hash(self._roots.pop(), root)
            closed.append((level, index, root))
        self._roots.append(root)
        self.size += 1
        return closed

    def root(self) -> bytes:
        if not self._roots:
            return EMPTY_ROOT
        root = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            root = node_hash(left, root)
        return root

    def packed(self) -> bytes:
        return b"".join(self._roots)


def inclusion_proof(index: int, size: int, root_between: RangeRoot) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the first `size` leaves (2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError("There is no such leaf in a tree of this size.")
    proof: list[bytes] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + split(last - first)
        if index < middle:
            proof.append(root_between(middle, last))
            last = middle
        else:
            proof.append(root_between(first, middle))
            first = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, root_between: RangeRoot) -> list[bytes]:
    """The hashes that show the tree of size `old` to be the beginning of that of `new` (2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError("The older tree must not be empty, and not be the larger one.")
    proof: list[bytes] = []
    first, last = 0, new
    while last != old:
        middle = first + split(last - first)
        if old <= middle:
            proof.append(root_between(middle, last))
            last = middle
        else:
            proof.append(root_between(first, middle))
            first = middle
    if first:
        proof.append(root_between(first, last))
    return proof[::-1]


def proves_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for step in proof:
        if not last:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return not last and found == root


def proves_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    found_old = found_new = path[0]
    for step in path[1:]:
        if not last:
            return False
        if node & 1 or node == last:
            found_old, found_new = node_hash(step, found_old), node_hash(step, found_new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found_new = node_hash(found_new, step)
        node, last = node >> 1, last >> 1
    return not last and found_old == old_root and found_new == new_root
