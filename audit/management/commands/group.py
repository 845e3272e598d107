"""`manage.py group NAME`: a group, for workflows to name."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import people
from audit.actors import COMMAND

LONGEST = 150


class Command(BaseCommand):
    """Makes a group of people. What it may do is said by workflows, which name it."""

    help = "Make a group: group claims. `manage.py person` puts people into it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What it is called."""
        parser.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Doing it twice changes nothing."""
        name = options["name"].strip()
        if not name or len(name) > LONGEST or not name.isprintable():
            raise CommandError("A group has a name of at most 150 characters.")
        made = people.found(name, actor=COMMAND)
        self.stdout.write(f"The group {name} is made." if made else f"The group {name} was there already.")
