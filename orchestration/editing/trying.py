"""A dry run kept as a test case: its input, where people were asked, what was answered, and what it came to."""

from collections.abc import Collection
from itertools import count
from typing import Any

from django.utils.translation import gettext as _

from orchestration.documents import writing
from orchestration.documents.cases import REJECTED
from orchestration.documents.loading import load
from orchestration.documents.outline import Spec
from orchestration.dry import Course, Passed
from orchestration.dry.course import STOPPED
from orchestration.dry.script import OURS, THEIRS
from orchestration.editing.orders import ORDER_OF_WORKFLOW
from orchestration.states import RunStatus

LONGEST_NAME = 120


class CannotKeep(ValueError):
    """It makes no test case: a sentence that says why."""


def case_of(course: Course, given: dict[str, Any], *, name: str, rejected: Collection[str] = ()) -> Spec:
    """The test case that passes when everything goes as it went."""
    if course.status == STOPPED:
        raise CannotKeep(_("Nobody knows how it would end. Say what the step that it stops at would answer."))
    expect: Spec = {"outcome": course.outcome} if course.outcome else {}
    if course.status != RunStatus.DONE or not expect:
        expect["status"] = course.status
    made: Spec = {"name": name or _default(course), "input": given, "expect": expect}
    asked = [one.step for one in course.steps if one.asked and not one.depth]
    made |= {"stops_at": list(dict.fromkeys(asked))} if asked else {}
    recorded = _recorded(course, rejected)
    made |= {"recorded": recorded} if recorded else {}
    made |= {"decisions": dict.fromkeys(sorted(rejected), REJECTED)} if rejected else {}
    return made


def _default(course: Course) -> str:
    return (course.outcome or course.sentence)[:LONGEST_NAME]


def _recorded(course: Course, rejected: Collection[str]) -> Spec:
    """What each step gave that asks something outside itself; of one that came more than once, nothing."""
    keys = [one.step for one in course.steps]
    return {one.step: _answer(one) for one in course.steps if keys.count(one.step) == 1 and _is_kept(one, rejected)}


def _is_kept(one: Passed, rejected: Collection[str]) -> bool:
    theirs = one.kind in THEIRS and one.kind != "person" and not (one.depth or one.item or one.undoes)
    whole = isinstance(one.gives, dict) and not one.gives.get("cut")
    return theirs and whole and bool(one.made) and one.status == "done" and one.step not in rejected


def _answer(one: Passed) -> Spec:
    return {name: value for name, value in one.gives.items() if not (one.asked and name in OURS)}


def add(source: str, case: Spec) -> str:
    """The text with one more test case, under a name that no other has."""
    tests = load(source).value.get("tests") or []
    taken = {one.get("name") for one in tests if isinstance(one, dict)}
    stem = str(case["name"])[: LONGEST_NAME - 5]
    name = next(name for n in count(1) if (name := stem if n == 1 else f"{stem} ({n})") not in taken)
    named = {**case, "name": name}
    if not tests:
        return writing.put(source, ("tests",), [named], order=ORDER_OF_WORKFLOW)
    return writing.insert(source, ("tests",), len(tests), named)
