"""What a step read: who may read it, and what its expressions came to."""

from dataclasses import dataclass
from typing import Any

from audit.models import User
from orchestration.contents import open_up
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Run, Step, StepRun
from orchestration.scopes import scope_of

OWN = ("label", "success", "over", "for_seconds", "until", "match")


def may_read(user: User, step: Step) -> bool:
    """Whether `user` may read what a step read and wrote: its owner, and the groups that its permission names."""
    groups = set(step.groups.filter(may="see").values_list("group", flat=True))
    return not groups or step.owner_id == user.pk or user.groups.filter(pk__in=groups).exists()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a step's input: the expression, and its value once there is one."""

    name: str
    expression: str
    value: Any = None
    known: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the value is plain text."""
        return isinstance(self.value, str)


def fields(step: Step, held: StepRun | None, run: Run) -> list[Field]:
    """The step's input field by field: as it was prepared where a person was asked, else worked out again."""
    texts = _expressions(step)
    if held is None:
        return [Field(name, text) for name, text in texts.items()]
    prepared = (held.question or {}).get("act", {}).get("arguments", {})
    if (given := run.reads(step.key)) is not None:
        prepared = open_up(given)
    scope = scope_of(run, held.frame)
    return [_field(name, text, prepared, scope) for name, text in texts.items()]


def _expressions(step: Step) -> dict[str, str]:
    """What the step works out: its fields, and by its kind what it decides on, goes over or waits for."""
    spec = step.spec
    own = {name: str(spec[name]) for name in OWN if name in spec}
    branches = {branch["name"]: branch["if"] for branch in spec.get("branches", []) if "if" in branch}
    return {**spec.get("input", {}), **own, **branches}


def _field(name: str, text: str, prepared: dict[str, Any], scope: dict[str, Any]) -> Field:
    if name in prepared:
        return Field(name, text, prepared[name], known=True)
    try:
        return Field(name, text, evaluate(text, scope), known=True)
    except BadExpression:
        return Field(name, text)
