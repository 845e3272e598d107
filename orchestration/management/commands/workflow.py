"""`manage.py workflow check FILE...`: whether documents are ready, for editors, hooks and build servers.

`manage.py workflow test FILE...` runs their test cases dry.
"""

import json
import sys
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.models import User
from orchestration import documents, readiness
from orchestration.documents import BadDocument, Problem, Sketch
from orchestration.dry import cases
from orchestration.readiness import BLOCKS, Finding

type Told = dict[str, Any]

READY, PROBLEMS, UNREADABLE = 0, 1, 2  # exit statuses


class Command(BaseCommand):
    """Looks at documents and changes nothing. What stands in them is judged by who and what there is here."""

    help = "Check workflow documents, or run their test cases. Exit status 0: well; 1: problems; 2: cannot be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do with which files."""
        acts = parser.add_subparsers(dest="act", required=True)
        told = {
            "check": "say what is missing before the documents could be published",
            "test": "run the test cases of the documents dry: nothing is called outside, and nothing of it stays",
        }
        for name, said in told.items():
            act = acts.add_parser(name, help=said)
            act.add_argument("files", nargs="+", type=Path, metavar="FILE")
            act.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a problem or a test case, or a list of objects; the worst of the files decides the exit status."""
        look = _tested if options["act"] == "test" else _checked
        told, status = [], READY
        for path in options["files"]:
            try:
                found, came = look(path, path.read_bytes().decode("utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                self.stderr.write(f"{path}: cannot be read: {_why(error)}")
                status = UNREADABLE
                continue
            told += found
            status = max(status, came)
        self._write(told, as_json=options["format"] == "json")
        if status:
            sys.exit(status)

    def _write(self, told: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
            return
        for one in told:
            at = f"{one['file']}:{one['line']}: "
            if "case" in one:
                said = f"“{one['case']}” {'passes' if one['passed'] else 'fails: ' + one['told']}"
            else:
                said = f"{one['step'] or '-'}: {one['level']} {one['rule']}: {one['what']} {one['mend']}"
            self.stdout.write(" ".join(f"{at}{said}".split()))


def _checked(path: Path, source: str) -> tuple[list[Told], int]:
    report = readiness.check(source)
    return [_object(path, finding) for finding in report.findings], PROBLEMS if report.blocking else READY


def _tested(path: Path, source: str) -> tuple[list[Told], int]:
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


def _why(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no text in UTF-8"
    return str(error.strerror or error)


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
