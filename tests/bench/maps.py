"""Maps: one run that does nothing for each of many items."""

from tests.bench import house
from tests.bench.cpu import Meter, trees
from tests.bench.driver import Handrail
from tests.bench.figures import Figure, Sizes, medians


def items(sizes: Sizes) -> list[Figure]:
    """What an item costs."""
    with house.standing() as handrail:
        return medians(sizes.repeats, lambda: mapped(handrail, sizes.items))


def mapped(handrail: Handrail, count: int) -> list[Figure]:
    """The same once, on a system that stands."""
    with Meter(trees(handrail)) as meter:
        seconds = handrail.map_items(count)
        handrail.settle()
    return [*meter.figures("map", count), ("map_rate", count / seconds, "items/s")]
