"""Merkle trees as RFC 6962 has them: roots, and proofs that something is in a tree or that a tree has only grown.

A hash is 32 bytes. A span is `(begin, end)`: the leaves from `begin` up to and without `end`.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()

type Span = tuple[int, int]


def leaf(data: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two parts of a tree."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree as far as its growth needs it: the roots of its whole parts, the largest first. 32 bytes for each."""

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        if len(roots) != size.bit_count():
            raise ValueError(f"A tree of {size} leaves has {size.bit_count()} whole parts, not {len(roots)}.")
        self.size = size
        self.roots = list(roots)

    def append(self, leaf_hash: bytes) -> list[bytes]:
        """Add one leaf. The roots of the whole parts that end with it: of 1 leaf, 2, 4 and so on."""
        size, current, ended = self.size, leaf_hash, [leaf_hash]
        while size & 1:
            current = sha256(b"\x01" + self.roots.pop() + current).digest()
            ended.append(current)
            size >>= 1
        self.roots.append(current)
        self.size += 1
        return ended

    def graft(self, root: bytes, count: int) -> None:
        """Add a whole part of `count` leaves, a power of two that divides the size, by its root alone."""
        if count.bit_count() != 1 or self.size % count:
            raise ValueError(f"No whole part of {count} leaves follows on {self.size}.")
        current, above = root, self.size // count
        while above & 1:
            current = node(self.roots.pop(), current)
            above >>= 1
        self.roots.append(current)
        self.size += count

    def root(self) -> bytes:
        """The root of the whole tree."""
        return folded(self.roots) if self.roots else EMPTY

    def copy(self) -> "Frontier":
        """The same tree, to grow by itself."""
        return Frontier(self.size, self.roots)


def folded(roots: Sequence[bytes]) -> bytes:
    """One root over parts that become smaller from left to right."""
    current = roots[-1]
    for left in reversed(roots[:-1]):
        current = node(left, current)
    return current


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root of a tree with these leaves."""
    tree = Frontier()
    for one in leaf_hashes:
        tree.append(one)
    return tree.root()


def whole_parts(begin: int, end: int) -> Iterator[Span]:
    """The largest whole parts of a tree that make up a span, from left to right."""
    while begin < end:
        room = end - begin
        height = min((begin & -begin).bit_length() - 1 if begin else 64, room.bit_length() - 1)
        yield begin, begin + (1 << height)
        begin += 1 << height


def spans_of_inclusion(index: int, size: int) -> list[Span]:
    """The parts whose roots prove that leaf `index` is in a tree of `size`, from the leaf up (RFC 6962, 2.1.1)."""
    _within(0 <= index < size)
    begin, end, found = 0, size, []
    while end - begin > 1:
        middle = begin + _half(end - begin)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    return found[::-1]


def spans_of_consistency(earlier: int, size: int) -> list[Span]:
    """The parts whose roots prove that a tree of `earlier` leaves grew into one of `size` (RFC 6962, 2.1.2)."""
    _within(0 < earlier <= size)
    begin, end, found, whole = 0, size, [], True
    while earlier < end:
        middle = begin + _half(end - begin)
        if earlier <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin, whole = middle, False
    return [*([] if whole else [(begin, end)]), *found[::-1]]


def is_included(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf to the root."""
    if not 0 <= index < size or len(proof) != len(spans := spans_of_inclusion(index, size)):
        return False
    current = leaf_hash
    for (begin, _), other in zip(spans, proof, strict=True):
        current = node(current, other) if begin > index else node(other, current)
    return current == root


def has_grown(earlier: int, was: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of `size` leaves begins with the `earlier` one (RFC 9162, 2.1.4.2)."""
    if earlier == size:
        return was == root and not proof
    if not 0 < earlier < size:
        return earlier == 0 and not proof and was == EMPTY
    hashes = list(proof) if earlier & (earlier - 1) else [was, *proof]
    if not hashes:
        return False
    place, last = earlier - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node(other, old), node(other, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node(new, other)
        place, last = place >> 1, last >> 1
    return last == 0 and old == was and new == root


def _half(count: int) -> int:
    """The largest power of two that is smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _within(holds: bool) -> None:
    if not holds:
        raise ValueError("There is no such place in that tree.")
