"""Documents for tests: a workflow in a line, to which steps are added."""

from pathlib import Path
from typing import Any

import yaml

EVERY_KIND = (Path(__file__).parent / "documents" / "every_kind.yaml").read_text()
ASKED: dict[str, Any] = {
    "when": "before",
    "group": "reviewer",
    "title": "'Please look'",
    "why": [{"rule": "any", "sentence": "All.", "priority": 1, "due_minutes": 60}],
}
LABEL = {"label": "'done'", "success": "true"}


class _Plain(yaml.SafeDumper):
    """The same value twice is written twice, without an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def step(key: str, kind: str = "outcome", **parts: Any) -> dict[str, Any]:
    """A step with all that every step must say."""
    always = {"key": key, "name": key.capitalize(), "kind": kind, "purpose": "Do it.", "owner": {"user": "adam"}}
    review = ASKED if kind == "person" else {"waiver": "There is nothing to decide here."}
    own = LABEL if kind == "outcome" else {}
    return {**always, "permission": {}, "review": review, "metrics": [], **own, **parts}


def tell(key: str = "tell", **parts: Any) -> dict[str, Any]:
    """A step that sends an e-mail."""
    given = {"to": "input.text", "subject": "'Hello'", "body": "input.text"}
    return step(key, "tool", **{"tool": "email.send", "input": given, **parts})


def each(key: str, *steps: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A map over the input's list."""
    return step(key, "map", **{"over": "input.items", "steps": list(steps), **parts})


def branching(key: str, kind: str, **branches: list[dict[str, Any]]) -> dict[str, Any]:
    """A decision or a parallel step; of a decision all branches but the last have a condition."""
    found: list[dict[str, Any]] = [{"name": name, "steps": steps} for name, steps in branches.items()]
    if kind == "decision":
        return step(key, kind, branches=[{**branch, "if": "input.yes"} for branch in found[:-1]] + found[-1:])
    return step(key, kind, join="all", branches=found)


def document(*steps: dict[str, Any], **parts: Any) -> str:
    """The whole as YAML; `parts` beside the usual ones, or instead of them."""
    usual = {
        "slug": "a-draft",
        "name": "A draft",
        "purpose": "Be read.",
        "risk": "minimal",
        "owner": "adam",
        "title": "'A draft'",
        "groups": {"see": ["admin"], "start": ["admin"], "decide": ["reviewer"], "manage": ["admin"]},
        "input": {"type": "object", "properties": {"text": {"type": "string"}, "items": {}, "yes": {}}},
    }
    return str(yaml.dump({**usual, "steps": list(steps), **parts}, Dumper=_Plain, sort_keys=False))
