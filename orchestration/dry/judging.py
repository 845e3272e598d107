"""Whether a dry run came to what its test case expects. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from orchestration.dry.course import STOPPED, Course
from orchestration.expressions import BadExpression, evaluate
from orchestration.states import RunStatus


def why_it_fails(course: Course, case: Mapping[str, Any]) -> str:
    """Why a test case fails, in a sentence or a few; "" where it passes."""
    return " ".join(_reasons(course, case))


def _reasons(course: Course, case: Mapping[str, Any]) -> Iterator[str]:
    expect = case["expect"]
    status = expect.get("status", RunStatus.DONE)
    if course.status == STOPPED:
        yield course.sentence
    elif course.status != status:
        told = {"wanted": RunStatus(status).label, "came": course.sentence}
        yield _("Expected that the run ends as %(wanted)s. %(came)s") % told
    elif expect.get("outcome", course.outcome) != course.outcome:
        yield _wrong(course, expect["outcome"])
    else:
        yield from _untrue(course, expect.get("output", []))
    for key in case.get("stops_at", []):
        if key not in course.asked_at:
            yield _("Nobody was asked at “%s”.") % key


def _wrong(course: Course, wanted: str) -> str:
    told = {"wanted": wanted, "came": course.outcome, "step": course.last.step if course.last else ""}
    if not course.outcome:
        return _("Expected the outcome “%(wanted)s”, came to none after step %(step)s.") % told
    return _("Expected the outcome “%(wanted)s”, came to “%(came)s” after step %(step)s.") % told


def _untrue(course: Course, expressions: list[str]) -> Iterator[str]:
    for text in expressions:
        try:
            if evaluate(text, course.scope) is not True:
                yield _("“%s” does not hold.") % text
        except BadExpression as error:
            yield _("“%(text)s” cannot be worked out: %(why)s") % {"text": text, "why": error}
