"""The tree over the record as it stands in the database: roots of its parts, from tiles and leaves, in few queries."""

from collections.abc import Iterable, Sequence

from django.db import connection

from audit.verifier import tree
from audit.verifier.tree import Frontier, Span

HEIGHT = 8  # a tile is the root of 2**8 of the level below it
WIDTH = 1 << HEIGHT
SLICE = 65_536  # leaves that are read at once where tiles have to be made up for

SPANS = "unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS span (begins, ends, n)"
LEAVES = f"""
SELECT n, array_agg(leaf_hash ORDER BY leaf_index) FROM {SPANS}
JOIN audit_leaf ON leaf_index >= begins AND leaf_index < ends GROUP BY n
"""  # noqa: S608  (our own words)
TILES = f"""
SELECT n, array_agg(root ORDER BY number) FROM {SPANS}
JOIN audit_tile ON level = %s AND number >= begins AND number < ends GROUP BY n
"""  # noqa: S608
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
    return Frontier(size, roots(list(tree.whole_parts(0, size))))


def roots(spans: Sequence[Span]) -> list[bytes]:
    """The roots of these parts, each whole or the last of a tree: a query for each level, however many they are."""
    parts = [list(tree.whole_parts(*span)) for span in spans]
    whole = _wholes({part for several in parts for part in several})
    return [tree.folded([whole[part] for part in several]) for several in parts]


def _wholes(parts: set[Span]) -> dict[Span, bytes]:
    """The roots of whole parts: from the largest tiles that each is made of."""
    levels: dict[int, list[Span]] = {}
    for begin, end in parts:
        levels.setdefault(((end - begin).bit_length() - 1) // HEIGHT, []).append((begin, end))
    found: dict[Span, bytes] = {}
    for level, several in levels.items():
        rows = _rows(level, [(begin >> HEIGHT * level, end >> HEIGHT * level) for begin, end in several])
        found |= {part: tree.root_of(row) for part, row in zip(several, rows, strict=True)}
    return found


def _rows(level: int, spans: Sequence[Span]) -> list[list[bytes]]:
    """The hashes of one level, 0 being the leaves, between these places."""
    begins, ends = zip(*spans, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(*((TILES, [list(begins), list(ends), level]) if level else (LEAVES, [list(begins), list(ends)])))
        found = {n: [bytes(one) for one in hashes] for n, hashes in cursor.fetchall()}
    for number, (begin, end) in enumerate(spans, 1):
        if (missing := end - begin - len(found.get(number, []))) > 0:
            raise Incomplete(f"Of level {level} of the tree, {missing} parts from {begin} on are missing.")
    return [found[number] for number in range(1, len(spans) + 1)]


def _make_up_for(size: int) -> None:
    """Make the tiles of entries that were numbered before there were any."""
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        begin = cursor.fetchone()[0] * WIDTH
    if size - begin < WIDTH:
        return
    grown = Frontier(begin, roots(list(tree.whole_parts(0, begin))))
    for place in range(begin, size, SLICE):
        keep(grow(grown, _rows(0, [(place, min(size, place + SLICE))])[0]))
