"""Who may see what: each app says it for its own objects, and what nobody speaks for is refused.

A veil hides whole runs from somebody for a time, whatever else they may see: what happened there stands in no
list, figure or event of theirs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from audit.models import User

type Judge = Callable[[User, str], bool]
type Workflows = Callable[[User], list[int]]
type Veil = Callable[[User], QuerySet[Any, Any]]  # the ids of runs, as a query that another one can hold

_judges: dict[str, Judge] = {}
_workflows: list[Workflows] = []
_veils: list[Veil] = []


class Reach(NamedTuple):
    """What a person's figures are made of: these workflows, without these runs."""

    workflows: list[int]
    hidden: list[int]


def judge(object_type: str) -> Callable[[Judge], Judge]:
    """Register who may see objects of a type (`run`, `review`, ...)."""

    def register(function: Judge) -> Judge:
        _judges[object_type] = function
        return function

    return register


def workflows(function: Workflows) -> Workflows:
    """Register how to find the ids of the workflows that a person may see."""
    _workflows.append(function)
    return function


def veil(function: Veil) -> Veil:
    """Register how to find the runs that are hidden from a person for now."""
    _veils.append(function)
    return function


def unveiled(user: User, run: str = "run_id") -> Q:
    """What no veil hides from `user`, by the column that names the run. It costs no query of its own."""
    found = Q()
    for find in _veils:
        found &= ~Q(**{f"{run}__in": find(user)})
    return found


def hidden(user: User) -> list[int]:
    """The runs that are hidden from `user` for now."""
    return sorted({pk for find in _veils for pk in find(user)})


def reach(user: User) -> Reach:
    """What may count in figures that `user` sees."""
    return Reach(workflows_seen_by(user), hidden(user))


def may_see(user: User, object_type: str, object_id: str) -> bool:
    """Whether `user` may see that object; no judge means no."""
    decide = _judges.get(object_type)
    return bool(user.is_active and decide and decide(user, object_id))


def workflows_seen_by(user: User) -> list[int]:
    """The ids of all workflows whose runs and events `user` may see."""
    return sorted({pk for find in _workflows for pk in find(user)}) if user.is_active else []
