"""`manage.py worker`: carries steps out, with several RQ workers forked from one warm parent."""

from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandParser

from orchestration.crew import Crew


class Command(BaseCommand):
    """The workers of one host."""

    help = "Carry steps out until stopped."
    requires_system_checks = ()  # it needs no pages: what must hold is checked below

    def add_arguments(self, parser: CommandParser) -> None:
        """How many workers."""
        parser.add_argument("--number", type=int, default=settings.HANDRAIL_WORKERS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the ledger's guards, then work."""
        self.check(tags=[Tags.database], databases=["default"])
        Crew(options["number"]).run()
