"""What a gate lets happen later: each act in words, so that nobody has to read it as JSON."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestration import tools
from orchestration.models import Step
from reviews.desk import fields
from reviews.desk.evidence import plain
from reviews.models import Review

FIELD = "releases"  # of a gate's content


class Released(NamedTuple):
    """A step that waits behind the gate: what follows from it, and with what it is carried out."""

    step: Step
    effects: list[str]
    given: list[tuple[str, str]]


def acts(review: Review, final: Mapping[str, Any]) -> list[Released]:
    """Every act as it would be, or was, released, in the order of the workflow. Nothing where there is no gate."""
    gate, held = review.step_run.step, final.get(FIELD)
    if not gate.spec.get(FIELD) or not isinstance(held, Mapping):
        return []
    steps = Step.objects.filter(version_id=gate.version_id, key__in=held).order_by("position")
    return [_released(step, held[step.key]) for step in steps if isinstance(held[step.key], Mapping)]


def _released(step: Step, act: Mapping[str, Any]) -> Released:
    tool, given = tools.TOOLS.get(str(act.get("tool", "")).partition("@")[0]), act.get("arguments", act)
    if not isinstance(given, Mapping):
        return Released(step, [], [(plain("arguments").capitalize(), fields.as_text(given))])
    named = [
        (str(_titles(tool).get(name) or plain(name).capitalize()), fields.as_text(given[name]))
        for name in _order(tool, given)
    ]
    return Released(step, tool.effects(dict(given)) if tool else [], named)


def _order(tool: tools.Tool | None, given: Mapping[str, Any]) -> list[str]:
    known = list(tool.schema.get("properties", {})) if tool else []
    return [*(name for name in known if name in given), *(name for name in given if name not in known)]


def _titles(tool: tools.Tool | None) -> dict[str, Any]:
    properties = tool.schema.get("properties", {}) if tool else {}
    return {name: schema.get("title") for name, schema in properties.items()}
