"""Who manages a workflow by a group, and how they come in before anything of it is published."""

from typing import Any

from django.contrib.auth.models import Group

from audit.actors import Actor
from audit.grants import grant
from orchestration.models import Workflow, WorkflowGroupPermission

MANAGING = ("view_workflow", "manage_workflow")


def let_managers_in(workflow: Workflow, document: dict[str, Any], *, actor: Actor) -> None:
    """Before anything is published, let the groups see and manage it that the draft says will: they can sign."""
    if workflow.current_id is None:
        asked = {(name, permission) for name in document["groups"]["manage"] for permission in MANAGING}
        groups = {group.name: group for group in Group.objects.filter(name__in={name for name, _ in asked})}
        for name, permission in sorted(asked - held(workflow)):
            if name in groups:
                grant(permission, groups[name], workflow, actor=actor)


def held(workflow: Workflow) -> set[tuple[str, str]]:
    """What groups may do with it, as names of groups and permissions."""
    rows = WorkflowGroupPermission.objects.filter(content_object=workflow)
    return set(rows.values_list("group__name", "permission__codename"))
