"""Proofs from the database: that an entry is in a tree, and that a tree has only grown (RFC 6962, 2.1.1 and 2.1.2)."""

from collections.abc import Sequence

from audit.proof import tiles
from audit.verifier import tree
from audit.verifier.tree import Frontier


def inclusion(index: int, size: int) -> list[bytes]:
    """What proves that entry `index` is among the first `size`."""
    return inclusions([index], size)[0]


def inclusions(indexes: Sequence[int], size: int) -> list[list[bytes]]:
    """The same for many, with a handful of queries."""
    spans = [tree.spans_of_inclusion(index, size) for index in indexes]
    wanted = list(dict.fromkeys(span for several in spans for span in several))
    roots = dict(zip(wanted, tiles.roots(wanted), strict=True)) if wanted else {}
    return [[roots[span] for span in several] for several in spans]


def consistency(earlier: int, size: int) -> list[bytes]:
    """What proves that the first `size` entries begin with the first `earlier`."""
    spans = tree.spans_of_consistency(earlier, size)
    return tiles.roots(spans) if spans else []


def before(index: int) -> Frontier:
    """The tree before entry `index`."""
    return tiles.frontier(index)


def after(index: int, size: int) -> list[bytes]:
    """The roots of the whole parts from entry `index` up to `size` entries."""
    spans = list(tree.whole_parts(index, size))
    return tiles.roots(spans) if spans else []
