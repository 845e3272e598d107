"""The contract of a step's input, made from what the step is given: a beginning that its owner may tighten."""

import re
from typing import Any

from orchestration import documents, tools
from orchestration.documents import writing
from orchestration.documents.outline import Spec, walk
from orchestration.editing.changing import NoSuchStep
from orchestration.editing.orders import ORDER
from orchestration.editing.steps import Edited

FIELD = re.compile(r"(?:input|steps\.(?P<step>[a-z][a-z0-9_]*))\.(?P<name>[A-Za-z_]\w*)")
KEPT = ("title", "type", "format", "enum", "items", "maxLength")  # what is taken over of where a value comes from


def is_wanted(spec: Spec) -> bool:
    """Whether a step is given something that its contract does not know."""
    given, said = spec.get("input") or {}, spec.get("input_schema") or {}
    return isinstance(given, dict) and bool(set(given) - set(said.get("properties") or {}))


def contract(source: str, key: str) -> Edited:
    """The text with a contract of the input of a step: what it is given, each of the type that it has where it is."""
    document = documents.sketch(source).document
    placed = {one.key: one for one in walk(document)}
    if key not in placed:
        raise NoSuchStep(key)
    spec = placed[key].spec
    held = spec.get("input_schema") or {"type": "object", "required": [], "additionalProperties": False}
    known = held.get("properties") or {}
    fields = {name: known.get(name) or _field(text, document, placed) for name, text in spec.get("input", {}).items()}
    made = {**held, "required": [name for name in fields if name in held.get("required", []) or name not in known]}
    made["properties"] = fields
    return Edited(writing.put(source, (*placed[key].path, "input_schema"), made, order=ORDER), key)


def _field(text: Any, document: Spec, placed: dict[str, Any]) -> Spec:
    """The schema of what an expression that reads one field comes to; of any other, anything."""
    found = FIELD.fullmatch(str(text).strip())
    if found is None:
        return {"type": "string"} if str(text).strip().startswith("'") else {}
    step = found["step"]
    around = document["input"] if step is None else _gives(placed[step].spec) if step in placed else {}
    spec = (around.get("properties") or {}).get(found["name"]) or {}
    return {name: spec[name] for name in KEPT if name in spec}


def _gives(spec: Spec) -> Spec:
    tool = tools.TOOLS.get(str(spec.get("tool", "")))
    return tool.schema if tool else dict(spec.get("output") or {})
