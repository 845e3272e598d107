"""Test cases: each is run dry, and what it came to is kept for as long as nothing that it hangs on changes.

Pages only look; somebody who says so, and whoever publishes, runs them.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from audit.canonical import digest
from audit.clock_time import now
from audit.models import User
from orchestration import catalog, readiness, starts, tools
from orchestration.callables import named
from orchestration.documents import BadDocument
from orchestration.documents.outline import Spec, with_calls
from orchestration.dry.judging import why_it_fails
from orchestration.dry.running import Bounds, CannotTry, definition, run
from orchestration.dry.script import of_case
from orchestration.models import CaseResult, Version, Workflow

RULES = 2  # counted up when the same text would come to something else
SECONDS = 60.0  # that all test cases of a document have together

type Case = Mapping[str, Any]


class Told(NamedTuple):
    """A test case, and what it last came to on this very text; None where it was not run on it, perhaps with a why."""

    case: Case
    result: CaseResult | None
    why: str = ""


@readiness.tries_cases
def look(document: Spec, cases: Sequence[Case], /) -> list[str | None]:
    """For readiness: why each fails, "" where it passes, None where it was not run on this text."""
    return [None if one.result is None else one.result.told for one in results(document, cases)]


def results(document: Spec, cases: Sequence[Case]) -> list[Told]:
    """What is known of test cases, in one query."""
    if not cases:
        return []
    keys = _keys(document, cases)
    known = {row.digest: row for row in CaseResult.objects.filter(digest__in=keys)}
    return [Told(case, known.get(key)) for case, key in zip(cases, keys, strict=True)]


def run_all(what: str | Version | Spec, *, by: User, afresh: bool = True, seconds: float = SECONDS) -> list[Told]:
    """Run the test cases of a text, and keep what they came to; unless `afresh` only those that were not run on it.

    Those for which no time is left, and those whose input does not fit, have no result. Raises nothing for what
    stands in it: a text that cannot be followed has no test cases.
    """
    try:
        document = what if isinstance(what, dict) else definition(what.source if isinstance(what, Version) else what)
    except BadDocument:
        return []
    until, known = time.monotonic() + seconds, results(document, document.get("tests", []))
    return [one if one.result and not afresh else _run(document, one.case, by, until) for one in known]


def _run(document: Spec, case: Case, by: User, until: float) -> Told:
    left = min(Bounds().seconds, until - time.monotonic())
    if left <= 0:
        return Told(case, None, _("There was no time left for it."))
    try:
        course = run(document, dict(case["input"]), starter=by, script=of_case(case), bounds=Bounds(seconds=left))
    except starts.BadInput as error:
        return Told(case, None, _("Its input does not fit: %s") % error)
    except (BadDocument, CannotTry) as error:
        return Told(case, None, str(error))
    if course.late:
        return Told(case, None, course.sentence)
    told = why_it_fails(course, case)
    kept = {"passed": not told, "told": told, "course": course.as_json(), "at": now()}
    (key,) = _keys(document, [case])
    return Told(case, CaseResult.objects.update_or_create(digest=key, defaults=kept)[0])


def _keys(document: Spec, cases: Sequence[Case]) -> list[str]:
    """What each result is kept under: the text, how things stand that it calls, and the case but for its name."""
    text = {name: value for name, value in document.items() if name != "tests"}
    base = digest({"rules": RULES, "text": text, "state": _state(document)})
    unnamed = ({name: value for name, value in case.items() if name != "name"} for case in cases)
    return [digest({"base": base, "case": case}) for case in unnamed]


def _state(document: Spec) -> dict[str, Any]:
    """What stands outside the text and decides how it goes: what is switched off, tools, workflows it starts."""
    catalog.look()
    models: set[str] = set()
    called: set[str] = set()
    started: set[str] = set()
    agents = sorted({name for step in with_calls(document) if (name := named(step.spec))})
    for step in with_calls(document):
        models |= {step.spec["model"]} if "model" in step.spec else set()
        called |= {name for name in (step.spec.get("tool"), *step.spec.get("tools", [])) if name in tools.TOOLS}
        started |= {step.spec["workflow"]} if step.spec["kind"] == "workflow" else set()
    off = [f"model:{name}" for name in sorted(models) if catalog.is_off("model", name)]
    off += [f"agent:{name}" for name in agents if catalog.is_off("agent", name)]
    off += [f"tool:{name}" for name in sorted(called) if catalog.is_off("tool", name)]
    known = {name: tools.get(name) for name in sorted(called)}
    says = {name: [tool.reference, tool.effect, tool.leaves_house] for name, tool in known.items()}
    return {"off": off, "tools": says, "starts": _currents(started)}


def _currents(slugs: set[str]) -> dict[str, Any]:
    if not slugs:
        return {}
    rows = Workflow.objects.filter(slug__in=slugs).order_by("slug").values_list("slug", "status", "current__number")
    return {slug: [status, number] for slug, status, number in rows}
