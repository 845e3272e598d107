"""Each figure of the report once more, from single events, over random data: the same to the cent and the second."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from audit import ledger
from audit.actors import Actor
from audit.clock_time import now
from audit.ledger import Entry
from audit.models import Event
from audit.places import Place
from audit.reports import decided, figures
from audit.reports.figures import Figures, Tally
from audit.reports.wanted import EDGES, HASTY, Wanted
from audit.sight import Reach
from reviews.models import Review
from tests import clock

pytestmark = pytest.mark.django_db

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
BEGAN = datetime(2026, 9, 20, tzinfo=UTC)  # clocks change in three of these zones before it ends
DAYS = 60
MOMENTS = 260
WORKFLOWS = (2_000_001, 2_000_002, 2_000_003)
RUNS = 2_000_000
CLOCK, WORKER = Actor("system", "clock"), Actor("system", "worker")


@dataclass(frozen=True, slots=True)
class Thing:
    """What an entry is about."""

    pk: int
    workflow: int
    run: int | None
    labels: dict[str, Any]
    _meta: ClassVar[Any] = Review._meta

    def ledger_place(self) -> Place:
        return Place(run_id=self.run, workflow_id=self.workflow, labels=self.labels)


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(f"recomputed {request.node.name}")


@pytest.fixture
def written(draw: random.Random) -> Iterator[list[Event]]:
    """Two months of what people decided, took back and let lapse, and what the runs cost."""
    clock.jump((BEGAN - now()).total_seconds())
    for _ in range(MOMENTS):
        clock.jump(draw.random() * 2 * DAYS * 86_400 / MOMENTS)
        receipts = ledger.record_all([one for _ in range(draw.randint(1, 4)) for one in entries(draw)])
        if draw.random() < 0.1:
            thing = Thing(1, draw.choice(WORKFLOWS), None, {})
            body = {"undone": str(draw.choice(receipts).event_id)}
            ledger.record_all([Entry("review.open", thing, Actor("person", "1"), body=body)])
    yield list(Event.objects.order_by("id"))
    clock.back()


def entries(draw: random.Random) -> Iterable[Entry]:
    """A decision or a lapse, and a step of its run with what it cost."""
    moment = now()
    run = RUNS + draw.randint(1, MOMENTS) if draw.random() < 0.95 else None
    labels = {"workflow": "W", "version": draw.randint(1, 4), "step": "s"}
    if draw.random() < 0.8:
        labels["confidence"] = round(draw.random(), 3)
    workflow = draw.choice(WORKFLOWS) if run is None else WORKFLOWS[run % len(WORKFLOWS)]
    thing = Thing(draw.getrandbits(40), workflow, run, labels)
    asked = moment - timedelta(seconds=draw.choice((0.5, 4, 5, 30, 61.25, 3000, 90_000)) * draw.uniform(0.8, 1.2))
    body: dict[str, Any] = {
        "asked_at": asked.isoformat(),
        "due_at": (asked + timedelta(minutes=draw.choice((1, 60, 60, 240)))).isoformat(),
    }
    kind = draw.choice(("approved", "approved", "approved", "rejected", "sent_back", "lapsed"))
    actor = CLOCK
    if kind != "lapsed":
        actor = Actor("person", str(draw.randint(1, 5)))
        body |= {"decided_at": moment.isoformat(), "edited": kind == "approved" and draw.random() < 0.3}
        if kind != "sent_back" and draw.random() < 0.1:
            body["outcome"] = "partly"
    yield Entry(f"review.{kind}", thing, actor, body=body)
    if run is not None and draw.random() < 0.7:
        cost = f"{draw.randint(0, 99_999)}e-6"
        yield Entry("steprun.done", thing, WORKER, body={"cost": str(Decimal(cost))})


@pytest.mark.parametrize("zone", ZONES)
def test_it_is_the_same(written: list[Event], zone: str) -> None:
    with timezone.override(ZoneInfo(zone)):
        moment = now()
        whole = Wanted.read({"period": "custom", "from": "2026-10-12", "to": "2026-11-12"}, moment)
        for workflow in (None, *WORKFLOWS[:2]):
            wanted = Wanted(whole.period, workflow=workflow)
            found = figures.read(wanted, Reach(list(WORKFLOWS), []), moment)
            counted = [one for one in plain(written) if workflow in (None, one["workflow"])]
            compare(found, counted, costs(written))
            listed = decided.count(wanted, Reach(list(WORKFLOWS), []))
            assert listed == found.total.count > 50


def plain(events: list[Event]) -> list[dict[str, Any]]:
    """Each decision and lapse that was not taken back."""
    undone = {event.data["undone"] for event in events if "undone" in event.data}
    kinds = {"review.approved", "review.rejected", "review.sent_back", "review.lapsed"}
    return [
        {**event.data, "kind": event.kind, "at": event.occurred_at, "run": event.run_id, "workflow": event.workflow_id,
         "by": event.actor_id}
        for event in events
        if event.kind in kinds and str(event.event_id) not in undone
    ]  # fmt: skip


def costs(events: list[Event]) -> dict[int, Decimal]:
    """What each run cost."""
    spent: dict[int, Decimal] = defaultdict(Decimal)
    for event in events:
        if event.kind == "steprun.done" and event.run_id is not None:
            spent[event.run_id] += Decimal(event.data["cost"])
    return spent


def compare(found: Figures, rows: list[dict[str, Any]], spent: dict[int, Decimal]) -> None:
    """Every tally of the report beside the one that was reckoned by hand."""
    current = [row for row in rows if found.period.start <= row["at"] < found.period.end]
    before = [row for row in rows if found.earlier.start <= row["at"] < found.earlier.end]
    people = [row for row in current if row["kind"] != "review.lapsed"]
    same(found.total, current, spent)
    same(found.before, before, spent)
    days = sorted({day(row) for row in current})
    first = timezone.localtime(found.period.start).date()
    assert sorted(found.bars) == [(one - first).days + 1 for one in days]
    once = first_of_each(current)
    for one in days:
        of_day = [row for row in current if day(row) == one]
        same(found.bars[(one - first).days + 1], of_day, spent, [row for row in once if day(row) == one])
    for workflow in {row["workflow"] for row in current}:
        among = [row for row in current if row["workflow"] == workflow]
        same(found.workflows[workflow], among, spent, [row for row in once if row["workflow"] == workflow])
    parts = (
        (found.people, lambda row: row["by"]),
        (found.scores, lambda row: None if row.get("confidence") is None else min(int(row["confidence"] * 10), 9)),
        (found.waits, lambda row: sum(1 for edge in EDGES if edge <= waited(row))),
    )
    for tallies, key in parts:
        keys = {key(row) for row in people}
        assert set(tallies) == keys
        for one in keys:
            same(tallies[one], [row for row in people if key(row) == one], None)


def same(tally: Tally, rows: list[dict[str, Any]], spent: dict[int, Decimal] | None, once: Any = None) -> None:
    people = [row for row in rows if row["kind"] != "review.lapsed"]
    agreed = [row for row in people if row["kind"] == "review.approved"]
    kinds = Counter(verdict(row) for row in rows)
    assert tally.count == len(people)
    assert {name: getattr(tally, name) for name in kinds} == kinds
    assert tally.unchanged == sum(1 for row in agreed if not row["edited"])
    assert tally.late == sum(1 for row in people if moment_of(row, "decided_at") > moment_of(row, "due_at"))
    assert tally.hasty == sum(1 for row in agreed if waited(row) < HASTY)
    stated = [row["confidence"] for row in people if row.get("confidence") is not None]
    assert tally.stated == (pytest.approx(sum(stated) / len(stated)) if stated else None)
    times = sorted(waited(row) for row in people)
    assert tally.half == (pytest.approx(part_of(times, 0.5), abs=1e-5) if times else None)
    assert tally.most == (pytest.approx(part_of(times, 0.9), abs=1e-5) if times else None)
    if spent is not None:
        runs = [row["run"] for row in (first_of_each(rows) if once is None else once)]
        told = [spent[run] for run in runs if run in spent]
        assert (tally.cost or Decimal(0)) == sum(told, Decimal(0))


def verdict(row: dict[str, Any]) -> str:
    if row["kind"] == "review.approved" and "outcome" not in row:
        return "edited" if row["edited"] else "written"
    own = "outcome" in row and row["kind"] != "review.sent_back"
    return "own" if own else str(row["kind"]).removeprefix("review.")


def first_of_each(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each run stands where people first decided on it."""
    firsts: dict[int, dict[str, Any]] = {}
    for row in sorted((row for row in rows if row["kind"] != "review.lapsed"), key=lambda row: row["at"]):
        if row["run"] is not None:
            firsts.setdefault(row["run"], row)
    return list(firsts.values())


def day(row: dict[str, Any]) -> Any:
    return timezone.localtime(row["at"]).date()


def moment_of(row: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(row[name])


def waited(row: dict[str, Any]) -> float:
    until = moment_of(row, "decided_at") if "decided_at" in row else row["at"]
    return float((until - moment_of(row, "asked_at")).total_seconds())


def part_of(times: list[float], part: float) -> float:
    """The value that so large a part lies below, between two neighbours where it falls between them."""
    place = (len(times) - 1) * part
    low = int(place)
    return times[low] + (times[min(low + 1, len(times) - 1)] - times[low]) * (place - low)


def test_the_clocks_change_within_it() -> None:
    hours: Counter[str] = Counter()
    for zone in ZONES:
        for one, other in pairwise(BEGAN + timedelta(days=n) for n in range(DAYS)):
            hours[zone] += one.astimezone(ZoneInfo(zone)).utcoffset() != other.astimezone(ZoneInfo(zone)).utcoffset()
    assert {zone for zone, changes in hours.items() if changes} >= {"Europe/Berlin", "America/New_York"}
    assert hours["Australia/Lord_Howe"] == 1
