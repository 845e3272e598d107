"""What a step may still lack while its document is drawn up. Readiness says so; nothing is published without it."""

from copy import copy

from orchestration.callables import AGENT
from orchestration.documents.outline import EXTRAS, Spec
from orchestration.documents.problems import Problem

EMPTY: Spec = {"owner": {}, "permission": {}, "review": {}, "metrics": []}
BY_KIND: dict[str, Spec] = {
    "model": {"model": ""},
    "agent": {"model": ""},
    "tool": {"tool": ""},
}
NAMES = {"owner", "permission", "review", "metrics", "model", "tool"}


def is_allowed(problem: Problem) -> bool:
    """Whether a problem of shape is only that a step lacks something of this."""
    return problem.missing in NAMES and bool(problem.step)


def filled(document: Spec) -> Spec:
    """The document with what is lacking left empty, so that it can be looked through. What is there is shared."""
    return {**document, "steps": [_filled(spec) for spec in document["steps"]]}


def _filled(spec: Spec) -> Spec:
    made = dict(spec)
    for name, empty in {**EMPTY, **({} if AGENT in spec else BY_KIND.get(spec["kind"], {}))}.items():
        made.setdefault(name, copy(empty))
    if "steps" in made:
        made["steps"] = [_filled(one) for one in made["steps"]]
    if "branches" in made:
        made["branches"] = [{**one, "steps": [_filled(s) for s in one["steps"]]} for one in made["branches"]]
    return made | {name: _filled(made[name]) for name, _ in EXTRAS if isinstance(made.get(name), dict)}
