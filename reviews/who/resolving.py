"""From what a review section names to ids: groups, people, who holds a permission, the owner's manager."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.contrib.auth.models import Group

from audit.models import User
from orchestration.models import Workflow, WorkflowGroupPermission
from orchestration.models.permissions import WorkflowUserPermission
from reviews.who.seating import Place
from reviews.who.section import Wanted


class Named(NamedTuple):
    """Groups by name, and people by login with what they are called."""

    groups: dict[str, int]
    people: dict[str, tuple[int, str]]


def resolve(wanted: Sequence[Wanted], workflow: Workflow) -> list[Place]:
    """The places with the ids of those whom they ask. Who is not here is asked by none: then it asks nobody."""
    named = _named(wanted)
    return [_place(one, named, workflow) for one in wanted]


def first_group(places: Iterable[Place], workflow: Workflow) -> int:
    """The group under which a review is listed: the first that is asked, else the first that decides here."""
    for place in places:
        if place.groups:
            return place.groups[0]
    held = _holders(workflow, "decide") or list(Group.objects.order_by("pk").values_list("pk", flat=True)[:1])
    return held[0]


def _named(wanted: Sequence[Wanted]) -> Named:
    groups = {name for one in wanted if one.kind in ("group", "expr") for name in one.names}
    people = {name for one in wanted if one.kind in ("person", "expr") for name in one.names}
    found = dict(Group.objects.filter(name__in=groups).values_list("name", "pk")) if groups else {}
    known = User.objects.filter(username__in=people, is_active=True) if people else ()
    return Named(found, {user.username: (user.pk, str(user)) for user in known})


def _place(one: Wanted, named: Named, workflow: Workflow) -> Place:
    made = Place(one.number, kind=one.kind, said=", ".join(one.names), skill=one.skill, must=one.must)
    match one.kind:
        case "group":
            return _with(made, groups=[named.groups[name] for name in one.names if name in named.groups])
        case "person":
            known = [named.people[name] for name in one.names if name in named.people]
            return _with(made, people=[pk for pk, _said in known], said=", ".join(said for _pk, said in known))
        case "holds":
            held = WorkflowUserPermission.objects.filter(content_object=workflow)
            own = held.filter(permission__codename=f"{one.names[0]}_workflow").order_by("user")
            people = own.values_list("user", flat=True)
            return _with(made, groups=_holders(workflow, one.names[0]), people=list(people))
        case "manager":
            manager = User.objects.filter(pk__in=User.objects.filter(pk=workflow.owner_id).values("manager")).first()
            return _with(made, people=[manager.pk] if manager else [], said=str(manager or ""))
    return _expressed(made, one, named)


def _expressed(made: Place, one: Wanted, named: Named) -> Place:
    """What an expression came to: a name that is both a group's and a login is the group's."""
    groups = [named.groups[name] for name in one.names if name in named.groups]
    known = [named.people[name] for name in one.names if name in named.people and name not in named.groups]
    said = [*(name for name in one.names if name in named.groups), *(said for _pk, said in known)]
    return _with(made, groups=groups, people=[pk for pk, _said in known], said=", ".join(said))


def _with(made: Place, *, groups: Sequence[int] = (), people: Sequence[int] = (), said: str | None = None) -> Place:
    said = made.said if said is None else said
    return Place(made.number, tuple(groups), tuple(people), made.kind, said[:300], made.skill, made.must)


def _holders(workflow: Workflow, may: str) -> list[int]:
    held = WorkflowGroupPermission.objects.filter(content_object=workflow, permission__codename=f"{may}_workflow")
    return list(held.order_by("group").values_list("group", flat=True))
