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
    """Let a group do something that belongs to no single object (`view_report`, say)."""
    to.permissions.add(Permission.objects.get(codename=permission, content_type__app_label="audit"))
    record("grant.given", to, actor=actor, **_told(permission, to))


ROLES = {
    "admin": ("view_record", "export_record", "view_report", "change_choices"),
    "manager": ("view_record", "export_record", "view_report"),
}


def give_roles(groups: dict[str, Group], *, actor: Actor) -> None:
    """Give the roles what belongs to no single object: reports, the record, settings."""
    for role, permissions in ROLES.items():
        for permission in permissions:
            grant_everywhere(permission, groups[role], actor=actor)
