"""The tree over the record as it stands in the database: roots of its parts, from tiles and leaves, in few queries."""

from collections.abc import Iterable, Sequence

from django.db import connection

from audit.verifier import tree
from audit.verifier.tree import Frontier, Span

HEIGHT = 8  # a tile is the root of 2**8 of the level below it
WIDTH = 1 << HEIGHT
SLICE = 65_536  # leaves that are read at once where tiles have to be made up for

LEAVES = "SELECT leaf_hash FROM audit_leaf WHERE leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index"
TILES = "SELECT root FROM audit_tile WHERE level = %s AND number >= %s AND number < %s ORDER BY number"
LAST = "SELECT coalesce(max(number), -1) + 1 FROM audit_tile WHERE level = 1"
KEEP = """
INSERT INTO audit_tile (level, number, root)
SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])
"""

type Tile = tuple[int, int, bytes]  # level, number, root


class Incomplete(RuntimeError):
    """The database does not hold every part that it should."""


def grow(frontier: Frontier, leaf_hashes: Iterable[bytes]) -> list[Tile]:
    """Append leaves; the tiles that became whole by it."""
    made: list[Tile] = []
    for one in leaf_hashes:
        ended = frontier.append(one)
        for level in range(1, (len(ended) - 1) // HEIGHT + 1):
            made.append((level, (frontier.size >> (HEIGHT * level)) - 1, ended[HEIGHT * level]))
    return made


def keep(made: Sequence[Tile]) -> None:
    """Write tiles."""
    if made:
        levels, numbers, roots = zip(*made, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [list(levels), list(numbers), list(roots)])


def frontier(size: int) -> Frontier:
    """The tree of the first `size` entries, to go on from. Tiles that an older record lacks are made first."""
    _make_up_for(size)
    return Frontier(size, roots(tree.whole_parts(0, size)))


def roots(spans: Iterable[Span]) -> list[bytes]:
    """The roots of these parts."""
    return [_root(begin, end) for begin, end in spans]


def _root(begin: int, end: int) -> bytes:
    """The root of one part, whole or the last of a tree."""
    parts = [_whole(*part) for part in tree.whole_parts(begin, end)]
    return tree.folded(parts)


def _whole(begin: int, end: int) -> bytes:
    """The root of a whole part: from the largest tiles that it is made of."""
    height = (end - begin).bit_length() - 1
    level = height // HEIGHT
    shift = HEIGHT * level
    return tree.root_of(_row(level, begin >> shift, end >> shift))


def _row(level: int, begin: int, end: int) -> list[bytes]:
    """The hashes of one level, 0 being the leaves."""
    with connection.cursor() as cursor:
        cursor.execute(*((TILES, [level, begin, end]) if level else (LEAVES, [begin, end])))
        found = [bytes(root) for (root,) in cursor.fetchall()]
    if len(found) != end - begin:
        raise Incomplete(f"Of level {level} of the tree, {end - begin - len(found)} parts from {begin} on are missing.")
    return found


def _make_up_for(size: int) -> None:
    """Make the tiles of entries that were numbered before there were any."""
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        begin = cursor.fetchone()[0] * WIDTH
    if size - begin < WIDTH:
        return
    grown = Frontier(begin, roots(tree.whole_parts(0, begin)))
    for place in range(begin, size, SLICE):
        keep(grow(grown, _row(0, place, min(size, place + SLICE))))
