"""`manage.py sample`: load the sample workspace, train its classifier, and let the first questions in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.actors import COMMAND
from deploy.sample import arrivals, crowd, feed, train, workspace
from deploy.sample.questions import BadQuestions
from orchestration.providers import ProviderError

FIRST = 3


class Command(BaseCommand):
    """Safe to repeat: what is there already stays as it is. The first time, three questions arrive."""

    help = "Load the sample workspace: a bank's support desk with real questions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the questions come from."""
        parser.add_argument("--waiting", type=int, default=0, metavar="N", help="let N made-up items wait besides")
        parser.add_argument("--questions", type=Path, metavar="FILE", help="a CSV file with text and category")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train before anything arrives, so that no question meets an untrained classifier."""
        try:
            if options["questions"]:
                self.stdout.write(f"{feed.use(options['questions'])} questions will arrive from that file.")
            if not train.is_current():
                self.stdout.write("\n".join(train.train().lines()))
        except (BadQuestions, ProviderError) as error:
            raise CommandError(str(error)) from error
        version = workspace.load()
        if options["waiting"]:
            owner = version.workflow.owner
            crowd.gather(version, owner, options["waiting"], lambda done: self.stdout.write(f"{done} items wait."))
        if not version.workflow.runs.exists():
            arrivals.let_in(FIRST, actor=COMMAND)
        self.stdout.write(f"“{version.workflow.name}” stands at version {version.number}.")
