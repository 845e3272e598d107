"""`manage.py workflow check|test|export|import`: documents from the shell, for editors, hooks and build servers."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from audit.actors import COMMAND
from audit.models import User
from orchestration.beginnings import CannotBegin
from orchestration.documents import BadDocument
from orchestration.exchange import form, giving, taking
from orchestration.exchange.giving import NoSuchVersion
from orchestration.management.looking import PROBLEMS, READY, checked, tested
from orchestration.models import Workflow

UNREADABLE = 2  # exit status


class Command(BaseCommand):
    """Checks and tests documents, writes workflows out as files, and takes such files over."""

    help = "Check, test, export and import workflows. Exit status 0: done; 1: problems; 2: cannot be read."

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
        export = acts.add_parser("export", help="write a workflow to standard output, as one file")
        export.add_argument("slug", metavar="SLUG")
        export.add_argument("--version", default="", dest="number", metavar="N", help="a number, or: draft")
        export.add_argument("--to", type=Path, metavar="FILE", help="write it there, where no file is yet")
        take = acts.add_parser("import", help="make a draft of an exported file; nothing of it runs")
        take.add_argument("file", type=Path, metavar="FILE")
        take.add_argument("--as", dest="slug", default="", metavar="SLUG", help="what it is called here in addresses")
        take.add_argument("--by", default="", metavar="LOGIN", help="who takes it over; else the owner that it names")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; the exit status tells how it went."""
        acts = {"check": self._look, "test": self._look, "export": self._export, "import": self._import}
        if status := acts[options["act"]](options):
            sys.exit(status)

    def _look(self, options: dict[str, Any]) -> int:
        """One line a problem or a test case, or a list of objects; the worst of the files decides the exit status."""
        told, status = [], READY
        look = tested if options["act"] == "test" else checked
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
        return status

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

    def _export(self, options: dict[str, Any]) -> int:
        workflow = Workflow.objects.select_related("current__workflow").filter(slug=options["slug"]).first()
        try:
            if workflow is None:
                raise NoSuchVersion
            written = giving.written(giving.chosen(workflow, options["number"]))
        except NoSuchVersion:
            self.stderr.write(f"{options['slug']}: there is no such workflow, or no such version of it.")
            return PROBLEMS
        if options["to"] is None:
            raw = getattr(self.stdout._out, "buffer", None)  # line ends are not translated
            self.stdout.write(written.decode(), ending="") if raw is None else raw.write(written)
            return READY
        try:
            with options["to"].open("xb") as file:
                file.write(written)
        except OSError as error:
            self.stderr.write(f"{options['to']}: cannot be written: {_why(error)}")
            return UNREADABLE
        return READY

    def _import(self, options: dict[str, Any]) -> int:
        path = options["file"]
        try:
            with path.open("rb") as file:
                sent = taking.check(form.read(file.read(form.LARGEST_FILE + 1)))
        except OSError as error:
            self.stderr.write(f"{path}: cannot be read: {_why(error)}")
            return UNREADABLE
        except BadDocument as error:
            for problem in error.problems:
                self.stderr.write(f"{path}:{problem.line}: {' '.join(str(problem).split())}")
            return PROBLEMS
        login = options["by"] or str(sent.document["owner"])
        by = User.objects.filter(username=login, is_active=True).first()
        if by is None:
            self.stderr.write(f"Nobody here has the login {login!r}. Say who takes it over, with --by LOGIN.")
            return PROBLEMS
        return self._take(sent, by, options["slug"])

    def _take(self, sent: form.Sent, by: User, slug: str) -> int:
        for lacks in taking.preview(sent, by=by, at_shell=True).missing:
            self.stdout.write(f"{lacks.sort}: {lacks.name}: {lacks.why}. {lacks.means}")
        try:
            draft = taking.take(sent, by=by, slug=slug, shell=COMMAND.acting_for("person", by.pk))
        except (CannotBegin, BadDocument) as error:
            self.stderr.write(str(error))
            return PROBLEMS
        self.stdout.write(f"{draft.workflow.slug}: here as a draft. Nothing of it runs until somebody publishes it.")
        return READY


def _why(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no text in UTF-8"
    return str(error.strerror or error)
