"""Who may do what: one function grants, one revokes, and both write an event."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from guardian.shortcuts import assign_perm, remove_perm

from audit.actors import Actor
from audit.ledger import record
from audit.models import User


def _told(permission: str, to: User | Group) -> dict[str, Any]:
    holder = {"kind": to._meta.model_name, "id": str(to.pk)}
    if isinstance(to, Group):
        return {"body": {"permission": permission, "to": {**holder, "name": to.name}}}
    return {"body": {"permission": permission, "to": holder}, "personal": {"to": str(to)}}


@transaction.atomic
def grant(permission: str, to: User | Group, on: models.Model, *, actor: Actor) -> None:
    """Let a person or group do `permission` on one object."""
    assign_perm(permission, to, on)
    record("grant.given", on, actor=actor, **_told(permission, to))


@transaction.atomic
def revoke(permission: str, to: User | Group, on: models.Model, *, actor: Actor) -> None:
    """Take `permission` on one object back."""
    remove_perm(permission, to, on)
    record("grant.taken", on, actor=actor, **_told(permission, to))


@transaction.atomic
def grant_everywhere(permission: str, to: Group, *, actor: Actor) -> None:
    """Let a group do something that belongs to no single object: `view_report`, say. No two apps name one alike."""
    to.permissions.add(Permission.objects.get(codename=permission))
    record("grant.given", to, actor=actor, **_told(permission, to))


ROLES: dict[str, tuple[str, ...]] = {
    "reviewer": (),
    "owner": ("view_report", "make_workflow"),
    "admin": ("view_record", "export_record", "view_report", "change_choices", "stop_everything", "make_workflow"),
    "manager": ("view_record", "export_record", "view_report"),
}


@transaction.atomic
def give_roles(*, actor: Actor) -> dict[str, Group]:
    """The groups of the roles, each with what belongs to no single object. Doing it twice changes nothing."""
    groups = {role: Group.objects.get_or_create(name=role)[0] for role in ROLES}
    for role, group in groups.items():
        held = set(group.permissions.values_list("codename", flat=True))
        for permission in ROLES[role]:
            if permission not in held:
                grant_everywhere(permission, group, actor=actor)
    return groups
