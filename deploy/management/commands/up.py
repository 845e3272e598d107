"""`manage.py up`: everything on one machine, until Ctrl-C."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from deploy import environment
from deploy.home import Home
from deploy.progress import Progress
from deploy.refusals import CannotStart, in_a_sentence
from deploy.supervisor import Supervisor


class Command(BaseCommand):
    """Start the servers, the database's migrations, and web, worker and clock; watch them; stop them all."""

    help = "Start everything on this machine: PostgreSQL, Valkey, web, worker and clock. Ctrl-C stops it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wishes = environment.wishes(settings.PORT)
            Supervisor(Home(settings.HANDRAIL_HOME), wishes, Progress(sys.stdout, wishes.started_at)).run()
        except CannotStart as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(str(in_a_sentence(error))) from error
