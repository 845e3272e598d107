"""Load the sample workspace: people, groups, the six workflows and the feed. Doing it twice changes nothing."""

import json
import logging
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
from deploy.sample import feed, helper, published
from orchestration import catalog, templates
from orchestration.models import Trigger, Version, Workflow
from orchestration.policies import beginnings
from orchestration.readiness import NotReady

logger = logging.getLogger("sample")

FIRST = "answer-a-customer"
SCRIPTED = "model: handrail/scripted"
OWNER, SECOND = "adam", "olga"  # who draws the workflows up, and who signs as the second person
GROUPS = (
    "finance",
    "finance-lead",
    "legal",
    "legal-lead",
    "editor",
    "chief-editor",
    "procurement",
    "hiring",
    "hiring-lead",
)
PEOPLE = {
    "rita": ("Rita Bauer", ["reviewer", "finance", "legal", "editor", "hiring", "procurement"]),
    "ravi": ("Ravi Menon", ["reviewer", "finance-lead", "legal-lead", "chief-editor", "hiring-lead", "procurement"]),
    "adam": ("Adam Novak", ["admin", "owner"]),
    "olga": ("Olga Lind", ["owner", "finance-lead", "legal-lead", "hiring-lead", "chief-editor"]),
    "lena": ("Lena Hoffmann", ["finance", "legal", "hiring", "editor", "procurement"]),
    "mina": ("Mina Sato", ["manager"]),
    "noah": ("Noah Quist", []),
}


@transaction.atomic
def load() -> Version:
    """Everything that stands before the first question arrives. The version that answers customers."""
    roles = give_roles(actor=COMMAND)
    groups = {**roles, **{name: Group.objects.get_or_create(name=name)[0] for name in GROUPS}}
    catalog.bring_in_line(actor=COMMAND)
    beginnings.bring_in_line(actor=COMMAND)
    for login, password in passwords().items():
        _settle_in(login, password, groups)
    owner, second = User.objects.get(username=OWNER), User.objects.get(username=SECOND)
    for template in templates.complete():
        _publish(template, owner, second)
    helper.draw_up(owner)
    version = Workflow.objects.select_related("current").get(slug=FIRST).current
    assert version is not None
    _open_feed(version.workflow, owner)
    return version


def _publish(template: templates.Template, owner: User, second: User) -> None:
    """Publish a template; with the model that is set, if that can be called here."""
    source = document(template)
    try:
        with transaction.atomic():
            published.publish(template.key, source, by=owner, second=second, instead_of=template.source)
    except NotReady as error:
        if source == template.source:
            raise
        logger.warning("Answers are drafted as scripted, since %s is not ready: %s", settings.HANDRAIL_MODEL, error)
        published.publish(template.key, template.source, by=owner, second=second)


def document(template: templates.Template | None = None) -> str:
    """A workflow's document; answers are drafted with HANDRAIL_MODEL when that is set, and otherwise as scripted."""
    source = (template or templates.get(FIRST)).source
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
