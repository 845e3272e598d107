"""What an expression at one place of a draft can read, and what that was in a past run."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Q

from audit.models import User
from orchestration import contents, tools
from orchestration.documents import reach
from orchestration.documents.outline import MAP, REPEAT, Placed, Spec, walk
from orchestration.editing.fields import WHOLE
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Run, Step
from orchestration.scopes import Scope, scope_of

LONGEST = 60  # characters of a value beside its expression
RUNS = 10  # past runs that can be chosen
RUN_FIELDS = ("id", "workflow", "version")


class Name(NamedTuple):
    """Something that can be read: how it is written, and what it was in the past run, in short."""

    text: str
    was: str = ""


class Tried(NamedTuple):
    """What an expression came to, in short; `ok` says whether it could be worked out."""

    text: str
    ok: bool


def names(document: Spec, key: str, past: Scope | None) -> list[Name]:
    """What can be read at a step of a document that can be looked through, or at the workflow itself."""
    placed = {one.key: one for one in walk(document)}
    known = reach.check(document)[0].get(key, frozenset()) if key != WHOLE else frozenset(placed)
    found = [*_fields("input", document["input"]), *(f"run.{name}" for name in RUN_FIELDS)]
    for other in (one for one in placed.values() if one.key in known):
        found += _fields(f"steps.{other.key}", _gives(other.spec))
    if key in placed:
        found += ["item", "index"] if _stands_in(MAP, placed, placed[key]) else []
        found += ["last", "round"] if _stands_in(REPEAT, placed, placed[key]) else []
        found += _fields("output", _gives(placed[key].spec))
    return [Name(text, _short(text, past)) for text in found]


def _fields(around: str, schema: Any) -> Iterator[str]:
    """Each field of an object, two levels deep."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not properties:
        yield around
        return
    for name, spec in properties.items():
        yield f"{around}.{name}"
        inner = spec.get("properties") if isinstance(spec, dict) else None
        yield from (f"{around}.{name}.{one}" for one in (inner or {}))


def _gives(spec: Spec) -> Any:
    """The schema of what a step gives, as far as the document says it."""
    schema = spec.get("output")
    said = dict(schema.get("properties") or {}) if isinstance(schema, dict) else {}
    if spec["kind"] == "person" or "when" in spec.get("review", {}):
        review = spec.get("review", {})
        said |= {"verdict": {}, "edited": {}, **_asked(review), **({"reviewed": {}} if "only" in review else {})}
    if spec["kind"] == "tool" and spec.get("tool") in tools.TOOLS:
        said = {**{name: {} for name in tools.TOOLS[spec["tool"]].schema.get("properties", {})}, **said}
    if spec["kind"] == "decision":
        said["branch"] = {}
    if spec["kind"] == REPEAT:
        said |= {"outputs": {"properties": {one["key"]: {} for one in spec["steps"]}}, "rounds": {}, "met": {}}
    if "hands_over" in spec:
        said |= {"handed_to": {}, "why": {}, "given": {}}
    if spec["kind"] == "outcome":
        said |= {"label": {}, "success": {}}
    return {"properties": said}


def _asked(review: Any) -> dict[str, Any]:
    """What a review adds that has own outcomes or asks a form."""
    fields = review.get("form") if isinstance(review, dict) else None
    names = [str(one["name"]) for one in fields or [] if isinstance(one, dict) and one.get("name")]
    found: dict[str, Any] = {"form": {"properties": {name: {} for name in names}}} if names else {}
    return {**found, **({"outcome": {}} if isinstance(review, dict) and review.get("outcomes") else {})}


def _stands_in(kind: str, placed: dict[str, Placed], one: Placed) -> bool:
    """Whether a step stands inside one of that kind; a repeat itself reads what its rounds do."""
    if kind == REPEAT == one.spec["kind"]:
        return True
    while one.parent_key is not None:
        one = placed[one.parent_key]
        if one.spec["kind"] == kind:
            return True
    return False


def past_runs(user: User, workflow_id: int) -> list[Run]:
    """The newest runs of a workflow that one may see."""
    seen = Run.objects.seen_by(user).filter(workflow=workflow_id, parent=None)
    return list(seen.select_related("workflow", "version").order_by("-id")[:RUNS])


def past(user: User, run: Run) -> Scope:
    """What expressions read in a past run: without the outputs of steps that one may not read."""
    whole = scope_of(run)
    hidden = _hidden(user, run)
    steps = {key: value for key, value in whole["steps"].items() if key not in hidden}
    return {**whole, "input": contents.open_up(whole["input"]), "steps": steps}


def _hidden(user: User, run: Run) -> set[str]:
    """The keys of the steps whose output is not for this person: one query."""
    own = Q(owner=user) | Q(groups__may="see", groups__group__user=user)
    named = Step.objects.filter(version=run.version_id, groups__may="see").exclude(
        pk__in=Step.objects.filter(own, version=run.version_id).values("pk")
    )
    return set(named.values_list("key", flat=True))


def attempt(text: str, scope: Scope) -> Tried:
    """What an expression comes to."""
    try:
        opened = {**scope, "steps": contents.open_up(scope["steps"])} if "steps" in text else scope
        return Tried(short(evaluate(text, opened)), ok=True)
    except BadExpression as error:
        return Tried(str(error)[:200], ok=False)


def _short(path: str, scope: Scope | None) -> str:
    value: Any = scope
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value or contents.is_reference(value):
            return ""
        value = value[part]
    return short(value)


def short(value: Any) -> str:
    """A value on one line."""
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    said = " ".join(said.split())
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
