"""The tree is that of RFC 6962: its vectors, another library, and every proof of every small tree."""

import random
from hashlib import sha256
from itertools import pairwise

import pymerkle
import pytest

from audit.verifier import tree
from audit.verifier.tree import Frontier

DATA = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
LEAVES = [tree.leaf(one) for one in DATA]
MANY = [sha256(bytes([number])).digest() for number in range(70)]


def naive(leaves: list[bytes]) -> bytes:
    """MTH as the RFC writes it."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else tree.EMPTY
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return tree.node(naive(leaves[:half]), naive(leaves[half:]))


def proof(spans: list[tuple[int, int]], leaves: list[bytes]) -> list[bytes]:
    return [naive(leaves[begin:end]) for begin, end in spans]


@pytest.mark.parametrize(
    ("count", "root"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_the_vectors_of_the_rfc(count: int, root: str) -> None:
    assert tree.root_of(LEAVES[:count]).hex() == root


def test_another_library_finds_the_same_roots_and_proofs() -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for number, data in enumerate(DATA * 9, 1):
        other.append_entry(data)
        leaves = (LEAVES * 9)[:number]
        assert tree.root_of(leaves) == other.get_root()
        index = number // 2
        theirs = other.prove_inclusion(index + 1).serialize()["path"]
        ours = [leaves[index], *proof(tree.spans_of_inclusion(index, number), leaves)]
        assert sorted(theirs) == sorted(one.hex() for one in ours)


@pytest.mark.parametrize("size", range(1, 34))
def test_every_leaf_of_every_small_tree_is_proven(size: int) -> None:
    leaves = MANY[:size]
    root = naive(leaves)
    assert tree.root_of(leaves) == root
    for index, leaf in enumerate(leaves):
        path = proof(tree.spans_of_inclusion(index, size), leaves)
        assert tree.is_included(leaf, index, size, path, root)
        assert not tree.is_included(leaf, index, size, [*path, leaf], root)
        assert not any(tree.is_included(leaf, place, size, path, root) for place in range(size) if place != index)
        assert not any(tree.is_included(other, index, size, path, root) for other in leaves if other != leaf)


@pytest.mark.parametrize("size", range(1, 34))
def test_every_growth_of_every_small_tree_is_proven(size: int) -> None:
    leaves = MANY[:size]
    root = naive(leaves)
    for earlier in range(1, size + 1):
        was = naive(leaves[:earlier])
        path = proof(tree.spans_of_consistency(earlier, size), leaves) if earlier < size else []
        assert tree.has_grown(earlier, was, size, root, path)
        for place in range(len(path)):
            assert not tree.has_grown(earlier, was, size, root, [*path[:place], bytes(32), *path[place + 1 :]])
        assert not tree.has_grown(earlier, naive([*leaves[1:earlier], bytes(32)]), size, root, path)


def test_a_frontier_goes_on_from_anywhere() -> None:
    for size in range(len(MANY)):
        roots = [naive(MANY[begin:end]) for begin, end in tree.whole_parts(0, size)]
        grown = Frontier(size, roots)
        for leaf in MANY[size:]:
            grown.append(leaf)
        assert grown.root() == naive(MANY)


def test_a_span_falls_into_its_whole_parts() -> None:
    chance = random.Random(6962)
    for _ in range(200):
        begin, end = sorted(chance.sample(range(5000), 2))
        parts = list(tree.whole_parts(begin, end))
        assert [parts[0][0], parts[-1][1]] == [begin, end]
        assert all(one[1] == following[0] for one, following in pairwise(parts))
        assert all((to - frm).bit_count() == 1 and frm % (to - frm) == 0 for frm, to in parts)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such place"):
        tree.spans_of_inclusion(index, size)
    assert not tree.is_included(MANY[0], index, size, [], MANY[0])
