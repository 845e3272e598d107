"""`manage.py admin`: what an installation without the sample begins with: groups, a catalog, and an admin."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from audit.actors import COMMAND
from audit.grants import give_roles
from audit.models import User
from audit.people import join, welcome
from deploy import logins
from orchestration import catalog
from orchestration.policies import beginnings

ROLES = ("admin", "owner")


class Command(BaseCommand):
    """Safe to repeat: as soon as there is an admin who can sign in, nothing is made."""

    help = "Make the groups and a first admin, whose password lies in logins.txt in the data folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who it is."""
        parser.add_argument("login", nargs="?", default="admin", metavar="LOGIN")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Everybody else is made by `manage.py person`."""
        groups, login = give_roles(actor=COMMAND), options["login"]
        catalog.bring_in_line(actor=COMMAND)
        beginnings.bring_in_line(actor=COMMAND)
        there = User.objects.filter(groups=groups["admin"], is_active=True).order_by("username").first()
        if there is not None:
            self.stdout.write(f"{there.username} is an admin already; `manage.py person` makes others.")
            return
        user = User.objects.filter(username=login).first()
        if user is None:
            path = Path(settings.HANDRAIL_HOME) / "logins.txt"
            password = logins.make(path, {login: ROLES[0]})[login]
            user = welcome(login, login.capitalize(), "", password, actor=COMMAND)
            self.stdout.write(f"The password of {login} stands in {path}.")
        for role in ROLES:
            join(user, groups[role], actor=COMMAND)
        self.stdout.write(f"{login} may make, publish and manage workflows.")
