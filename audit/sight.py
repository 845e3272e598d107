"""Who may see what: each app says it for its own objects, and what nobody speaks for is refused."""

from collections.abc import Callable

from audit.models import User

type Judge = Callable[[User, str], bool]
type Workflows = Callable[[User], list[int]]

_judges: dict[str, Judge] = {}
_workflows: list[Workflows] = []


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


def may_see(user: User, object_type: str, object_id: str) -> bool:
    """Whether `user` may see that object; no judge means no."""
    decide = _judges.get(object_type)
    return bool(user.is_active and decide and decide(user, object_id))


def workflows_seen_by(user: User) -> list[int]:
    """The ids of all workflows whose runs and events `user` may see."""
    return sorted({pk for find in _workflows for pk in find(user)}) if user.is_active else []
