"""Load the sample workspace: people, groups, grants, workflow and feed. Doing it twice changes nothing."""

import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from audit.actors import COMMAND
from audit.grants import give_roles
from audit.models import User
from audit.moves import begin
from audit.people import join, welcome
from deploy import logins
from deploy.sample import feed
from orchestration import catalog
from orchestration.dry import cases
from orchestration.models import Trigger, Version, Workflow
from orchestration.workflows import publish

DOCUMENT = Path(__file__).parent / "answer_a_customer.yaml"
SCRIPTED = "model: handrail/scripted"
OWNER = "adam"
PEOPLE = {
    "rita": ("Rita Bauer", ["reviewer"]),
    "ravi": ("Ravi Menon", ["reviewer"]),
    "adam": ("Adam Novak", ["admin", "owner"]),
    "mina": ("Mina Sato", ["manager"]),
    "noah": ("Noah Quist", []),
}


@transaction.atomic
def load() -> Version:
    """Everything that stands before the first question arrives."""
    groups = give_roles(actor=COMMAND)
    catalog.bring_in_line(actor=COMMAND)
    for login, password in passwords().items():
        _settle_in(login, password, groups)
    owner = User.objects.get(username=OWNER)
    version = publish(document(), actor=COMMAND, by=owner)
    cases.run_all(version, by=owner, afresh=False)
    _open_feed(version.workflow, owner)
    return version


def document() -> str:
    """The workflow's document; it drafts with HANDRAIL_MODEL when that is set, and otherwise as scripted."""
    source = DOCUMENT.read_text("utf-8")
    if not settings.HANDRAIL_MODEL:
        return source
    return source.replace(SCRIPTED, f"model: {json.dumps(settings.HANDRAIL_MODEL)}")


def passwords() -> dict[str, str]:
    """A password for each login, made once and kept in a file that only its owner can read."""
    made = logins.make(Path(settings.HANDRAIL_HOME) / "logins.txt", {login: _role(login) for login in PEOPLE})
    return {login: made[login] for login in PEOPLE}


def _role(login: str) -> str:
    groups = PEOPLE[login][1]
    return groups[0] if groups else "no role"


def _settle_in(login: str, password: str, groups: dict[str, Group]) -> None:
    name, member_of = PEOPLE[login]
    user = User.objects.filter(username=login).first()
    if user is None:
        user = welcome(login, name, f"{login}@northwind-bank.example", password, actor=COMMAND)
    for group in member_of:
        join(user, groups[group], actor=COMMAND)


def _open_feed(workflow: Workflow, owner: User) -> None:
    if not workflow.triggers.filter(kind=feed.KIND, name=feed.NAME).exists():
        begin(Trigger(workflow=workflow, kind=feed.KIND, name=feed.NAME, owner=owner), actor=COMMAND)
