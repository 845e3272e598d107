"""What a step may still lack while its document is drawn up. Readiness says so; nothing is published without it."""

from copy import deepcopy
from typing import Any

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
    """The document with what is lacking left empty, so that it can be looked through."""
    whole = deepcopy(document)
    for spec in whole["steps"]:
        _fill(spec)
    return whole


def _fill(spec: Spec) -> None:
    for name, empty in {**EMPTY, **BY_KIND.get(spec["kind"], {})}.items():
        spec.setdefault(name, deepcopy(empty))
    inner: list[Any] = [*spec.get("steps", []), *(s for b in spec.get("branches", []) for s in b["steps"])]
    for one in [*inner, *(spec[name] for name, _ in EXTRAS if isinstance(spec.get(name), dict))]:
        _fill(one)
