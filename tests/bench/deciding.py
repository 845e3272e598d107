"""Decisions: by themselves, under load to the end of their runs, and one at a time on an idle system."""

import statistics
import time

from reviews import decisions as decisions_of_reviews
from reviews.models import Review
from tests.bench import house
from tests.bench.cpu import Meter, trees
from tests.bench.driver import Handrail
from tests.bench.figures import TIMES, Figure, Sizes, medians, typical
from tests.bench.inbox import crowded

SINGLE = 30
REST = 0.1  # seconds, for an idle system


def decision(sizes: Sizes) -> list[Figure]:
    """A decision through the function that the page calls, and no more than that."""
    with crowded(TIMES + 1) as cast:
        left = iter(Review.objects.open_for(cast.rita).in_order())

        def decide() -> None:
            review = next(left)
            decisions_of_reviews.decide(
                review.pk, by=cast.rita, verdict="approved", version=review.version, shown_hash=review.content_hash
            )

        wall, cpu = typical(decide)
    return [("decision", wall, "ms"), ("decision_cpu", cpu, "CPU-ms")]


def decisions(sizes: Sizes) -> list[Figure]:
    """Decisions carried to the ends of their runs by two workers."""
    with house.standing() as handrail:
        return decided(handrail, sizes)


def decided(handrail: Handrail, sizes: Sizes) -> list[Figure]:
    """The same on a system that stands."""
    return [*medians(sizes.repeats, lambda: _under_load(handrail, sizes)), *_single(handrail, sizes)]


def _under_load(handrail: Handrail, sizes: Sizes) -> list[Figure]:
    handrail.start_waiting(sizes.decisions)
    handrail.settle()
    with Meter(trees(handrail)) as meter:
        seconds = handrail.decide("all")
        handrail.settle()
    rate = sizes.decisions / seconds
    return [*meter.figures("decisions", sizes.decisions), ("decisions_rate", rate, "decisions/s")]


def _single(handrail: Handrail, sizes: Sizes) -> list[Figure]:
    count = min(SINGLE, sizes.decisions)
    handrail.start_waiting(count)
    handrail.settle()
    waits = []
    for _ in range(count):
        time.sleep(REST)
        waits.append(handrail.decide("one") * 1000)
    return [("decisions_single", statistics.median(waits), "ms"), ("decisions_single_longest", max(waits), "ms")]
