"""`manage.py person LOGIN`: somebody who can sign in, their groups, their manager and their skills."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit import people
from audit.actors import COMMAND
from audit.grants import give_roles
from audit.models import User

LONGEST = 150


class Command(BaseCommand):
    """Makes a login, or changes what is said of one that is there. Doing it twice changes nothing."""

    help = "Make a login, or change its groups: person rita --name 'Rita Bauer' --group reviewer"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and which groups."""
        parser.add_argument("login", metavar="LOGIN")
        parser.add_argument("--name", default="", help="the full name; else it is the login")
        parser.add_argument("--email", default="", metavar="ADDRESS")
        parser.add_argument("--group", action="append", default=[], metavar="GROUP", help="put them into it")
        parser.add_argument("--leave", action="append", default=[], metavar="GROUP", help="take them out of it")
        parser.add_argument("--manager", metavar="LOGIN", help="whom they report to; '' for nobody")
        parser.add_argument("--skill", action="append", default=[], metavar="SKILL", help="what they are good at")
        parser.add_argument(
            "--no-skill", action="append", default=[], metavar="SKILL", help="what they are not any more"
        )
        parser.add_argument("--new-password", action="store_true", help="the old one stops at once, and so do sessions")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """A password is made and shown once."""
        login = options["login"].strip()
        if not login or len(login) > LONGEST or not login.isprintable() or any(sign.isspace() for sign in login):
            raise CommandError("A login is one word of at most 150 characters.")
        known = {group.name: group for group in [*give_roles(actor=COMMAND).values(), *Group.objects.all()]}
        joins, leaves = self._groups(known, options["group"]), self._groups(known, options["leave"])
        user, password = self._user(login, options)
        for group in joins:
            people.join(user, group, actor=COMMAND)
        for group in leaves:
            people.leave(user, group, actor=COMMAND)
        self._said(user, options)
        inside = ", ".join(sorted(user.groups.values_list("name", flat=True)))
        self.stdout.write(f"{user} signs in as {login}, groups: {inside or 'none'}.")
        if password:
            self.stdout.write(f"Password, shown this once: {password}")

    def _groups(self, known: dict[str, Group], names: list[str]) -> list[Group]:
        if strange := [name for name in names if name not in known]:
            there = ", ".join(sorted(known))
            raise CommandError(
                f"There is no group {strange[0]!r}. There are: {there}. `manage.py group {strange[0]}` makes it."
            )
        return [known[name] for name in names]

    def _said(self, user: User, options: dict[str, Any]) -> None:
        """The manager and the skills, where the command names any."""
        try:
            if (login := options["manager"]) is not None:
                manager = User.objects.filter(username=login).first()
                if login and manager is None:
                    raise CommandError(f"Nobody here has the login {login!r}.")
                people.give_manager(user, manager, actor=COMMAND)
            if options["skill"] or options["no_skill"]:
                gone = {skill.strip().lower() for skill in options["no_skill"]}
                skills = [skill for skill in user.skills if skill not in gone]
                people.give_skills(user, [*skills, *options["skill"]], actor=COMMAND)
        except people.CannotSay as error:
            raise CommandError(str(error)) from error

    def _user(self, login: str, options: dict[str, Any]) -> tuple[User, str]:
        password = secrets.token_urlsafe(12)
        user = User.objects.filter(username=login).first()
        if user is None:
            made = people.welcome(login, options["name"] or login, options["email"], password, actor=COMMAND)
            return made, password
        if not options["new_password"]:
            return user, ""
        people.give_password(user, password, actor=COMMAND)
        return user, password
