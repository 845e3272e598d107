"""Who may use a tool: given to persons, groups, workflows and agents, and taken back. Both are on record."""

from typing import NamedTuple

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from audit import grants
from audit.actors import person
from audit.ledger import record
from audit.models import User
from orchestration.catalog.changing import CannotChange, refuse_others
from orchestration.catalog.looking import forget
from orchestration.models import Agent, Tool, ToolGroupPermission, ToolUse, ToolUserPermission, Workflow
from orchestration.models.tools import USE

MOST = 500  # that a page shows


class Holder(NamedTuple):
    """Somebody who may use a tool: which sort, the name that a form sends, and what people call it."""

    sort: str
    name: str
    shown: str


def holders(tool: Tool) -> list[Holder]:
    """Who may use it besides everybody. Three queries."""
    groups = ToolGroupPermission.objects.filter(content_object=tool).values_list("group__name", flat=True)
    people = ToolUserPermission.objects.filter(content_object=tool).select_related("user")
    uses = tool.uses.select_related("workflow").order_by("pk")
    found = [Holder("group", name, name) for name in groups.order_by("group__name")[:MOST]]
    found += [Holder("user", one.user.get_username(), str(one.user)) for one in people.order_by("pk")[:MOST]]
    for use in uses[:MOST]:
        if use.workflow is not None:
            found.append(Holder("workflow", use.workflow.slug, use.workflow.name))
        else:
            found.append(Holder("agent", use.agent, use.agent))
    return found


@transaction.atomic
def give(tool: Tool, sort: str, name: str, *, by: User) -> None:
    """Let somebody use a tool. Doing it twice changes nothing. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    if Holder(sort, name, "")[:2] in {one[:2] for one in holders(tool)}:
        return
    if sort in ("group", "user"):
        grants.grant(USE, _holder(sort, name), tool, actor=person(by))
    else:
        ToolUse.objects.create(tool=tool, **_using(sort, name))
        record("tool.given", tool, actor=person(by), body={"to": {"kind": sort, "name": name}})
    _forget()


@transaction.atomic
def take_back(tool: Tool, sort: str, name: str, *, by: User) -> None:
    """Let somebody use it no more. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    if sort in ("group", "user"):
        grants.revoke(USE, _holder(sort, name), tool, actor=person(by))
    elif tool.uses.filter(**_using(sort, name)).delete()[0]:
        record("tool.taken", tool, actor=person(by), body={"to": {"kind": sort, "name": name}})
    _forget()


def _holder(sort: str, name: str) -> Group | User:
    found = (
        Group.objects.filter(name=name).first()
        if sort == "group"
        else User.objects.filter(username=name, is_active=True).first()
    )
    if found is None:
        raise CannotChange([("name", _("There is nobody of this name."))])
    return found


def _using(sort: str, name: str) -> dict[str, object]:
    if sort == "agent":
        if not Agent.objects.filter(name=name).exists():
            raise CannotChange([("name", _("There is no agent of this name."))])
        return {"agent": name}
    found = Workflow.objects.filter(slug=name).first()
    if found is None:
        raise CannotChange([("name", _("There is no workflow of this name."))])
    return {"workflow": found}


def _forget() -> None:
    forget()
    transaction.on_commit(forget)
