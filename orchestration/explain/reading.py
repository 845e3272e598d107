"""What a step read: who may read it, and what its expressions came to."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from audit.models import User
from orchestration.contents import open_up
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Run, Step, StepRun, Workflow
from orchestration.models.definitions import StepGroup
from orchestration.scopes import scope_of

THINKING = ("model", "agent")  # kinds of steps that ask a model
OWN = ("label", "success", "over", "for_seconds", "until", "match")


def may_read(user: User, step: Step) -> bool:
    """Whether `user` may read what a step read and wrote: its owner, and the groups that its permission names."""
    groups = set(step.groups.filter(may="see").values_list("group", flat=True))
    return not groups or step.owner_id == user.pk or user.groups.filter(pk__in=groups).exists()


def may_see_routing(user: User, step: Step, workflow_id: int) -> bool:
    """Whether `user` may see which models a step asked, and why: who may read it, and who manages or reports."""
    if workflow_id not in Workflow.objects.ids_allowed(user, "view"):
        return False
    if user.has_perm("audit.view_report") or workflow_id in Workflow.objects.ids_allowed(user, "manage"):
        return True
    return may_read(user, step)


def routed_by(user: User) -> QuerySet[Step]:
    """The steps of current versions that ask a model, of which `user` may see which: those above, in one query."""
    seen = Step.objects.filter(
        version__workflow__in=Workflow.objects.ids_allowed(user, "view"),
        version=F("version__workflow__current"),
        kind__in=THINKING,
    )
    if not user.has_perm("audit.view_report"):
        named = StepGroup.objects.filter(step=OuterRef("pk"), may="see")
        mine = Exists(named.filter(group__in=user.groups.all()))
        managed = Q(version__workflow__in=Workflow.objects.ids_allowed(user, "manage"))
        seen = seen.filter(~Exists(named) | Q(owner=user) | mine | managed)
    return seen.select_related("version__workflow").order_by("version__workflow__name", "position")


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
