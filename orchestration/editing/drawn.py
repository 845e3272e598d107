"""The steps of a draft, as if they were published: rows that are never saved, for whatever draws and explains steps."""

from typing import Any

from django.contrib.auth.models import Group

from audit.models import User
from orchestration.documents import naming
from orchestration.documents.outline import alone, walk
from orchestration.models import Step, Version


def steps_of(document: dict[str, Any], version: Version) -> list[Step]:
    """The steps of a document that can be looked through, with ids that count them from 1."""
    people = {
        user.username: user
        for user in User.objects.filter(username__in={named.name for named in naming.people(document)})
    }
    made: dict[str, Step] = {}
    for position, placed in enumerate(walk(document), start=1):
        spec, owner = placed.spec, placed.spec.get("owner") or {}
        parent = made.get(placed.parent_key or "")
        made[placed.key] = Step(
            pk=position,
            version=version,
            parent_id=parent.pk if parent else None,
            branch=placed.branch,
            role=placed.role,
            position=position,
            owner=people.get(str(owner.get("user", ""))),
            owner_group=Group(name=str(owner["group"])) if owner.get("group") else None,
            spec=alone(spec),
            **{name: spec[name] for name in ("key", "name", "kind", "purpose")},
        )
    return list(made.values())
