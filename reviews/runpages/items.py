"""The items of a map step or rounds of a repeat, fifty at a time: what became of each. Thousands cost what fifty do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from orchestration import contents, frames
from orchestration.models import StepRun
from orchestration.plans import REPEAT
from orchestration.scopes import items_of
from orchestration.states import STEP_LIVE, StepStatus
from reviews.runpages.course import LARGE, URGENT

SIZE = 50
LONGEST = 80  # letters of an item


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its number (from 0), what it is in a few words, and how it stands."""

    number: int
    frame: str
    what: str
    status: str = ""  # "" as long as it has not begun
    at: str = ""  # the step at which it stands
    error: str = ""
    took: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the bar over all items: place and width in per cent as text for SVG."""

    state: str
    said: str
    count: int
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Items:
    """One page of them. `newer` and `older` lead towards the first and the last."""

    rows: Sequence[Item]
    which: str
    filters: Sequence[tuple[str, str, int]]  # key, name, how many
    bar: Sequence[Part]
    before: str = ""
    after: str = ""

    @property
    def last(self) -> int:
        """The number of the last item on the page."""
        return self.rows[-1].number


def page(held: StepRun, given: Mapping[str, str], now: datetime, *, readable: bool) -> Items:
    """The page that an address asks for with `items` (all, failed or running), `before` and `after`: two queries."""
    source = held.shared_from_id or held.pk
    which = given.get("items", "") if given.get("items", "") in {"failed", "running"} else ""
    before, after = _whole(given.get("before", "")), _whole(given.get("after", ""))
    found = _every(held, before, after) if not which else _some(source, which, before, after)
    backwards = before is not None and after is None
    numbers = sorted(found[:SIZE])
    more = len(found) > SIZE
    steps = _steps(source, numbers)
    what = _what(source, numbers) if readable and held.step.kind != REPEAT else {}
    rows = [_item(held, number, what.get(number, ""), steps.get(number, []), now) for number in numbers]
    return Items(
        rows,
        which,
        _filters(held),
        list(_bar(held)),
        _address(which, before=numbers[0]) if numbers and (more if backwards else bool(after is not None)) else "",
        _address(which, after=numbers[-1]) if numbers and (backwards or more) else "",
    )


def frame_of(held: StepRun, number: int) -> str:
    """The frame of one item or round."""
    inner = frames.round_of if held.step.kind == REPEAT else frames.item
    return inner(held.frame, held.shared_from_id or held.pk, number)


def _at_work(held: StepRun) -> int:
    return max(held.parts_begun - held.parts_done - held.parts_failed, 0) if held.ended_at is None else 0


def _bar(held: StepRun) -> Iterator[Part]:
    counts = [
        ("done", _("done"), held.parts_done),
        ("fail", _("failed"), held.parts_failed),
        ("now", _("at work"), _at_work(held)),
    ]
    rest = held.parts - sum(count for _state, _said, count in counts)
    x = 0.0
    for state, said, count in [*counts, ("rest", _("waiting") if held.ended_at is None else _("not done"), rest)]:
        if count:
            width = 100 * count / held.parts
            yield Part(state, said, count, f"{x:.2f}%", f"{width:.2f}%")
            x += width


def _filters(held: StepRun) -> list[tuple[str, str, int]]:
    return [
        ("", _("All"), held.parts),
        ("failed", _("Failed"), held.parts_failed),
        ("running", _("At work"), _at_work(held)),
    ]


def _every(held: StepRun, before: int | None, after: int | None) -> list[int]:
    """Their numbers alone: no query is needed."""
    if before is not None and after is None:
        return list(range(min(before, held.parts) - 1, max(min(before, held.parts) - SIZE - 2, -1), -1))
    first = 0 if after is None else after + 1
    return list(range(first, min(first + SIZE + 1, held.parts)))


def _some(source: int, which: str, before: int | None, after: int | None) -> list[int]:
    rows = StepRun.objects.filter(parent=source, undoes=None)
    later = rows.filter(part=OuterRef("part"), pk__gt=OuterRef("pk"))
    if which == "failed":
        rows = rows.filter(~Exists(later), status=StepStatus.FAILED)
    else:
        rows = rows.filter(status__in=[*STEP_LIVE])
    if before is not None and after is None:
        return _parts(rows.filter(part__lt=before).order_by("-part"))
    return _parts((rows if after is None else rows.filter(part__gt=after)).order_by("part"))


def _parts(rows: QuerySet[StepRun]) -> list[int]:
    return list(rows.values_list("part", flat=True).distinct()[: SIZE + 1])


def _steps(source: int, numbers: list[int]) -> dict[int, list[StepRun]]:
    """The steps of these items, by item, in the order in which they began."""
    if not numbers:
        return {}
    rows = StepRun.objects.filter(parent=source, undoes=None, part__gte=numbers[0], part__lte=numbers[-1])
    by_item: dict[int, list[StepRun]] = {}
    for row in rows.filter(part__in=numbers).select_related("step").defer(*LARGE).order_by("part", "id"):
        by_item.setdefault(row.part, []).append(row)
    return by_item


def _item(held: StepRun, number: int, what: str, steps: list[StepRun], now: datetime) -> Item:
    if not steps:
        return Item(number, frame_of(held, number), what)
    live = [step for step in steps if step.status in STEP_LIVE]
    stands = min(live, key=lambda step: URGENT.index(StepStatus(step.status))) if live else steps[-1]
    took = (now if live else stands.ended_at or now) - steps[0].ready_at
    error = stands.error if stands.status == StepStatus.FAILED else ""
    return Item(number, frame_of(held, number), what, stands.status, stands.step.name, error, took)


def _what(source: int, numbers: list[int]) -> dict[int, str]:
    try:
        items = items_of(source)
    except (contents.ContentLost, LookupError, TypeError):
        return {}
    return {number: _in_words(items[number]) for number in numbers if number < len(items)}


def _in_words(item: Any) -> str:
    """A text or number itself; of an object its first text or number."""
    if isinstance(item, dict):
        item = next((value for value in item.values() if isinstance(value, str | int | float)), "")
    return str(item)[:LONGEST] if isinstance(item, str | int | float) else ""


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _address(which: str, **place: int) -> str:
    return urlencode({"items": which, **place} if which else place)
