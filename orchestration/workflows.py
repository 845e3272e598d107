"""Publishing: a document becomes an immutable version, with its steps, owners and permissions as real rows."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from audit.actors import Actor
from audit.clock_time import HandrailNow
from audit.grants import grant, revoke
from audit.models import User
from audit.moves import begin, move
from orchestration import documents, managers, subworkflows
from orchestration.documents import BadDocument, naming, reviews
from orchestration.documents.loading import lines_of
from orchestration.documents.outline import Placed, alone, with_calls
from orchestration.models import Step, StepGroup, Version, Workflow
from orchestration.states import VersionStatus

MAY = {"see": "view", "start": "start", "decide": "decide", "manage": "manage"}


@transaction.atomic
def publish(source: str, *, actor: Actor, by: User, draft: Version | None = None) -> Version:
    """Publish `source` as the newest version of its workflow: from a draft of it, or without one.

    Whether it may be is asked before, by `publishing`. Without a draft the same document twice is one version.
    """
    document = checked(source)
    people, groups = _people(document), _groups(document)
    workflow = _workflow(document, people, actor)
    newest = workflow.versions.filter(number__isnull=False).first()
    fingerprint = documents.fingerprint(document)
    if draft is None and newest and newest.hash == fingerprint and workflow.current_id == newest.pk:
        return newest
    fields: dict[str, Any] = {
        "number": (newest.number or 0) + 1 if newest else 1,
        "document": document,
        "hash": fingerprint,
    }
    version = draft or Version(workflow=workflow, source=source, created_by=by, base=workflow.current, **fields)
    if draft is None:
        begin(version, actor=actor, content_hash=fingerprint)
    _steps(version, document, people, groups)
    _grants(workflow, document, groups, actor)
    fields |= {"published_at": HandrailNow(), "published_by": by}
    move(version, VersionStatus.PUBLISHED, actor=actor, told={"content_hash": fingerprint}, **fields)
    if workflow.current is not None:
        move(workflow.current, VersionStatus.RETIRED, actor=actor)
    workflow.current = version
    workflow.save(update_fields=["current"])
    return version


def checked(source: str) -> dict[str, Any]:
    """The definition that `source` is, with all that it names found here and pinned; or `BadDocument`."""
    document = documents.read(source)
    try:
        document = subworkflows.pin(document)
        if found := list(reviews.problems(document)):
            raise BadDocument(found)
        _people(document)
        _groups(document)
    except BadDocument as error:
        raise error.at(lines_of(source)) from None
    return document


def _people(document: dict[str, Any]) -> dict[str, User]:
    named = list(naming.people(document))
    people = {user.username: user for user in User.objects.filter(username__in={name.name for name in named})}
    if found := [name.missing("Nobody here has the login %s.") for name in named if name.name not in people]:
        raise BadDocument(found)
    return people


def _groups(document: dict[str, Any]) -> dict[str, Group]:
    named = list(naming.groups(document))
    groups = {group.name: group for group in Group.objects.filter(name__in={name.name for name in named})}
    if found := [name.missing("There is no group %s here.") for name in named if name.name not in groups]:
        raise BadDocument(found)
    return groups


def _workflow(document: dict[str, Any], people: dict[str, User], actor: Actor) -> Workflow:
    fields = {name: document[name] for name in ("name", "purpose", "risk")} | _limits(document.get("limits", {}))
    owner = people[document["owner"]]
    workflow = Workflow.objects.select_for_update(of=("self",)).filter(slug=document["slug"]).first()
    if workflow is None:
        workflow = Workflow(slug=document["slug"], owner=owner, **fields)
        begin(workflow, actor=actor)
        return workflow
    for name, value in {"owner": owner, **fields}.items():
        setattr(workflow, name, value)
    workflow.save(update_fields=["owner", *fields])
    return workflow


def _limits(limits: dict[str, Any]) -> dict[str, int | None]:
    """What the workflow may have under way at once. Runs that have a key take turns where nothing else is said."""
    per_key = limits.get("per_key", 1 if "key" in limits else None)
    return {"runs_at_once": limits.get("runs"), "steps_at_once": limits.get("steps"), "runs_per_key": per_key}


def _steps(version: Version, document: dict[str, Any], people: dict[str, User], groups: dict[str, Group]) -> None:
    """The document's steps as rows, from the outermost to the innermost, so that each can name its parent."""
    rows: dict[str, Step] = {}
    levels: dict[str | None, int] = {None: 0}
    placed = list(enumerate(with_calls(document), start=1))
    for _, step in placed:
        levels[step.key] = levels[step.parent_key] + 1
    for _, level in groupby(sorted(placed, key=lambda at: levels[at[1].key]), key=lambda at: levels[at[1].key]):
        made = [_step(version, position, step, rows, people, groups) for position, step in level]
        rows |= {step.key: step for step in Step.objects.bulk_create(made)}
    StepGroup.objects.bulk_create(
        StepGroup(step=rows[step.key], group=groups[name], may=may) for _, step in placed for name, may in _rights(step)
    )


def _step(
    version: Version,
    position: int,
    placed: Placed,
    rows: dict[str, Step],
    people: dict[str, User],
    groups: dict[str, Group],
) -> Step:
    spec = placed.spec
    return Step(
        version=version,
        parent=rows[placed.parent_key] if placed.parent_key else None,
        branch=placed.branch,
        role=placed.role,
        position=position,
        owner=people.get(spec["owner"].get("user", "")),
        owner_group=groups.get(spec["owner"].get("group", "")),
        spec=alone(spec),
        **{name: spec[name] for name in ("key", "name", "kind", "purpose")},
    )


def _rights(placed: Placed) -> Iterable[tuple[str, str]]:
    """Which group may do what at a step."""
    spec = placed.spec
    wanted = {(name, may) for may, names in spec["permission"].items() for name in names}
    wanted |= {(group, "decide") for _, group in naming.letting(spec.get("review", {}))}
    return sorted(wanted)


def _grants(workflow: Workflow, document: dict[str, Any], groups: dict[str, Group], actor: Actor) -> None:
    """What groups may do with it is what the document says: the rest is given, and what it says no more is taken."""
    wanted = {(name, f"{MAY[may]}_workflow") for may, names in document["groups"].items() for name in names}
    held = managers.held(workflow)
    for name, permission in sorted(wanted - held):
        grant(permission, groups[name], workflow, actor=actor)
    gone = {group.name: group for group in Group.objects.filter(name__in={name for name, _ in held - wanted})}
    for name, permission in sorted(held - wanted):
        revoke(permission, gone[name], workflow, actor=actor)
