"""Load the sample workspace: people, groups, grants, workflow and feed. Doing it twice changes nothing."""

import json
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from audit.actors import COMMAND
from audit.grants import give_roles
from audit.models import User
from audit.moves import begin
from audit.people import join, welcome
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
    path = Path(settings.HANDRAIL_HOME) / "logins.txt"
    if path.exists():
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line]
        return {login: password for _, login, password in rows}
    made = {login: secrets.token_urlsafe(12) for login in PEOPLE}
    unfinished = path.with_suffix(".new")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.touch(mode=0o600)
    lines = (f"{_role(login)}\t{login}\t{password}\n" for login, password in made.items())
    unfinished.write_text("".join(lines), "utf-8")
    unfinished.replace(path)
    return made


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
