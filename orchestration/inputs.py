"""What a step reads by somebody's own hand: checked as strictly as what it would have worked out."""

from typing import Any

from orchestration import tools
from orchestration.models import Step
from orchestration.starts import BadInput, problems, unkept


class BadReads(BadInput):
    """What a step is to read does not fit it. `problems` names each field (or "") with a sentence."""


def checked(step: Step, reads: Any) -> dict[str, Any]:
    """The input of a step as somebody wrote it, or `BadReads`."""
    if found := list(_problems(step, reads)):
        raise BadReads(found)
    return dict(reads)


def _problems(step: Step, reads: Any) -> list[tuple[str, str]]:
    names = step.spec.get("input", {})
    if not names:
        return [("", "This step reads nothing that could be written for it.")]
    if not isinstance(reads, dict):
        return [("", "What a step reads is an object: names with their values, in braces.")]
    if odd := set(names) ^ set(reads):
        return [(name, "is missing" if name in names else "is nothing that this step reads") for name in sorted(odd)]
    return unkept(reads) or problems(step.spec.get("input_schema") or {}, reads) + _of_tool(step, reads)


def _of_tool(step: Step, reads: dict[str, Any]) -> list[tuple[str, str]]:
    tool = tools.TOOLS.get(step.spec.get("tool", "")) if step.kind == "tool" else None
    return tool.problems(reads) if tool else []
