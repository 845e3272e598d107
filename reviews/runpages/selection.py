"""What an address selects on the page of a run: a step, an item of a map, a round, or a step in such a one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.models import User
from orchestration.explain.reading import may_read
from orchestration.models import Step
from orchestration.plans import MANY_TIMES
from reviews.runpages import inspector, items
from reviews.runpages.course import Course, see_progress
from reviews.runpages.inspector import Inspected
from reviews.runpages.kinds import about
from reviews.runpages.opened import Opened, find_item
from reviews.runpages.path import Path


@dataclass(frozen=True, slots=True)
class Selected:
    """`shown` is what the inspector shows (None: what started the run), `marked` the key of the node in the graph."""

    shown: Inspected | None
    marked: str
    tab: str


def select(course: Course, steps: Sequence[Step], path: Path, user: User, given: Mapping[str, str]) -> Selected:
    """Read `step`, `item` and `tab` from an address; what makes no sense is passed over."""
    opened = find_item(course, steps, given["item"]) if given.get("item") else None
    key = inspector.choose(course, steps, given.get("step", ""))
    tab = given.get("tab", "") if given.get("tab", "") in inspector.TABS else inspector.TABS[0]
    step = next((step for step in steps if step.key == key), None)
    if step is None:
        return Selected(None, key, tab)
    if opened is None or not _is_inside(opened, step):
        said = about(course, steps, step, path, user)
        shown = inspector.inspect(course, step, tab, user, said, given=given)
        _list_items(shown, course, given)
        marked = shown.about.outermost.key if shown.about.outermost else key
    else:
        shown = _inner(opened, steps, step, tab, user, given)
        if not shown.opened:
            _list_items(shown, course, given)
        marked = opened.turns[0].step.key
    return Selected(shown, marked, shown.tab)


def _is_inside(opened: Opened, step: Step) -> bool:
    return step.key == opened.key or any(row.step.key == step.key for row in opened.rows)


def _inner(
    opened: Opened, steps: Sequence[Step], step: Step, tab: str, user: User, given: Mapping[str, str]
) -> Inspected:
    """A step in an item; or the item itself, where the step is its map."""
    see_progress(opened.course)
    said = about(opened.course, steps, step, opened.path, user)
    if step.key == opened.key:
        shown = Inspected(step, opened.map_run, inspector.TABS[0], may_read(user, step), said, opened.frame)
        shown.opened = opened
    else:
        shown = inspector.inspect(opened.course, step, tab, user, said, opened.frame, given)
    shown.turns = opened.turns
    return shown


def _list_items(shown: Inspected, course: Course, given: Mapping[str, str]) -> None:
    if shown.step.kind in MANY_TIMES and shown.held is not None and shown.held.parts:
        shown.items = items.page(shown.held, given, course.now, readable=shown.readable)
