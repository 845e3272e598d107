"""Looking through files from the shell: whether documents are ready, and whether their test cases pass."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from audit.models import User
from orchestration import documents, readiness
from orchestration.documents import BadDocument, Problem, Sketch
from orchestration.dry import cases
from orchestration.readiness import BLOCKS, Finding

READY, PROBLEMS = 0, 1  # exit statuses

type Told = dict[str, Any]


def checked(path: Path, source: str) -> tuple[list[Told], int]:
    """What a document lacks, and the exit status."""
    report = readiness.check(source)
    return [_object(path, finding) for finding in report.findings], PROBLEMS if report.blocking else READY


def tested(path: Path, source: str) -> tuple[list[Told], int]:
    """How each test case of a document came out, and the exit status."""
    try:
        sketch = documents.sketch(source)
    except BadDocument as error:
        return [_problem(path, problem) for problem in error.problems], PROBLEMS
    if sketch.problems:
        return [_problem(path, problem) for problem in sketch.problems], PROBLEMS
    told = cases.run_all(sketch.document, by=_tester(sketch))
    made = [_case(path, sketch, number, one) for number, one in enumerate(told)]
    return made, READY if all(one["passed"] for one in made) else PROBLEMS


def _problem(path: Path, problem: Problem) -> Told:
    what = str(replace(problem, step=""))
    return _object(path, Finding("document", BLOCKS, what, problem.mend, problem.step, line=max(problem.line, 1)))


def _tester(sketch: Sketch) -> User:
    """Whoever counts as the starter: the document's owner, or anybody where that login is not here."""
    active = User.objects.filter(is_active=True).order_by("pk")
    found = active.filter(username=sketch.document["owner"]).first() or active.first()
    if found is None:
        raise CommandError("Nobody is here yet who could count as the starter of a run. Make a login first.")
    return found


def _case(path: Path, sketch: Sketch, number: int, one: cases.Told) -> Told:
    return {
        "file": str(path),
        "line": sketch.lines.of(("tests", number)),
        "case": one.case["name"],
        "passed": one.result is not None and one.result.passed,
        "told": one.result.told if one.result else one.why,
    }


def _object(path: Path, finding: Finding) -> dict[str, Any]:
    return {
        "file": str(path),
        "line": finding.line,
        "step": finding.step,
        "level": finding.level,
        "rule": finding.rule,
        "what": finding.what,
        "mend": finding.mend,
    }
