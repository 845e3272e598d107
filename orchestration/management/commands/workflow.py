"""`manage.py workflow check FILE...`: whether documents are ready, for editors, hooks and build servers."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from orchestration import readiness
from orchestration.readiness import Finding

READY, PROBLEMS, UNREADABLE = 0, 1, 2  # exit statuses


class Command(BaseCommand):
    """Looks at documents and changes nothing. What stands in them is judged by who and what there is here."""

    help = "Check workflow documents: each problem on a line. Exit status 0: ready; 1: problems; 2: cannot be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do with which files."""
        acts = parser.add_subparsers(dest="act", required=True)
        check = acts.add_parser("check", help="say what is missing before the documents could be published")
        check.add_argument("files", nargs="+", type=Path, metavar="FILE")
        check.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a problem, or a list of objects; the worst of the files decides the exit status."""
        told, status = [], READY
        for path in options["files"]:
            try:
                report = readiness.check(path.read_bytes().decode("utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                self.stderr.write(f"{path}: cannot be read: {_why(error)}")
                status = UNREADABLE
                continue
            told += [_object(path, finding) for finding in report.findings]
            status = max(status, PROBLEMS if report.blocking else READY)
        self._write(told, as_json=options["format"] == "json")
        if status:
            sys.exit(status)

    def _write(self, told: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
            return
        for one in told:
            at = f"{one['file']}:{one['line']}: {one['step'] or '-'}: "
            self.stdout.write(" ".join(f"{at}{one['level']} {one['rule']}: {one['what']} {one['mend']}".split()))


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
