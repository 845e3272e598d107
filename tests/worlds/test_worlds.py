"""Do the reports' 95 % intervals hold the truth? In worlds whose truth is known, with seeds that are their numbers."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from audit.clock_time import now
from audit.models import Event
from audit.reports import figures, seconds, trust
from audit.reports.intervals import Interval
from audit.reports.periods import CUSTOM, Period
from audit.reports.wanted import Wanted
from audit.sight import Reach
from reviews.when import seconds as blind
from tests import clock
from tests.cast import Cast
from tests.when.test_seconds import second_of
from tests.when.timed import decide
from tests.worlds.world import SURE, World
from tests.worlds.writing import KINDS, write

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(3600)]

SHORT = 100  # worlds in `make test`
A_MONTH = 60  # decisions
MONTHS = 12
DAYS = 30
FIRST = 1_000_000  # worlds are workflows that no other test has


@pytest.fixture
def worlds() -> Iterator[list[World]]:
    """Their year is written."""
    made = [World(FIRST + number) for number in range(int(os.environ.get("HANDRAIL_WORLDS", SHORT)))]
    numbers = count(FIRST)
    clock.jump(-MONTHS * DAYS * 86_400.0)
    for _ in range(MONTHS):
        clock.jump(DAYS * 86_400.0)
        for world in made:
            write(world, numbers, A_MONTH)
    yield made
    clock.back()


def test_the_truth_is_within_the_intervals(worlds: list[World]) -> None:
    held: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for world in worlds:
        for name, (found, truth) in told(world).items():
            asked[name] += 1
            held[name] += found is not None and found.low <= truth <= found.high
    shares = {name: held[name] / asked[name] for name in asked}
    print(json.dumps({"worlds": len(worlds), "held": {name: round(share, 3) for name, share in shares.items()}}))
    assert set(asked.values()) == {len(worlds)}
    assert set(shares) == {"overridden", "agreement", *(f"confidence {sure}" for sure in SURE)}
    low, high = (0.93, 0.97) if len(worlds) >= 1000 else (0.9, 1.0)
    assert {name: share for name, share in shares.items() if not low <= share <= high} == {}


def test_intervals_are_not_so_wide_that_they_say_nothing(worlds: list[World]) -> None:
    widths = [found.high - found.low for name, (found, _) in told(worlds[0]).items() if found and name != "agreement"]
    assert len(widths) == 1 + len(SURE)
    assert max(widths) < 0.3


def told(world: World) -> dict[str, tuple[Interval | None, float]]:
    """What the report of its year says, and what is so."""
    moment = now()
    last = timezone.localtime(moment)
    wanted = Wanted(Period(CUSTOM, last - timedelta(days=MONTHS * DAYS), last + timedelta(days=1)))
    reach = Reach([world.number], [])
    found = figures.read(wanted, reach, moment)
    assert found.total.count == MONTHS * A_MONTH
    points = {point.tenth: point for point in trust.points(found.scores)}
    by_score = {
        f"confidence {sure}": (points[int(sure * 10)].interval, world.left_alone(world.right[sure])) for sure in SURE
    }
    return {
        "overridden": (found.total.overridden, 1 - world.left_alone(world.correct)),
        "agreement": (seconds.read(wanted, reach).kappa, world.agreement()),
        **by_score,
    }


def test_worlds_are_written_as_reviews_write(cast: Cast) -> None:
    first, second = second_of(cast)
    decide(second, cast.ravi)
    assert blind.agreement(first) is not None
    real = {kind: Event.objects.filter(kind=kind).latest("id") for kind in ("review.approved", "review.second_decided")}
    write(World(FIRST), count(FIRST), 30)
    made = Event.objects.filter(workflow_id=FIRST)
    for kind, event in real.items():
        one = made.filter(kind=kind).latest("id")
        assert set(one.data) <= set(event.data) | {"rule", "confidence"}
        assert one.object_type == event.object_type
    assert set(made.values_list("kind", flat=True)) <= {*KINDS.values(), "review.second_decided"}
