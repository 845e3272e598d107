"""What an input or an output must be, as a table of fields; as YAML where a table cannot say it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration import files
from orchestration.documents.dumping import dump
from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.parts import snippet
from orchestration.editing.widgets.widget import Choices, Wrong, texts

type Schema = dict[str, Any]

OTHER = "other"
TYPES: dict[str, tuple[str | Promise, Schema]] = {
    "text": (gettext_lazy("Text"), {"type": "string"}),
    "number": (gettext_lazy("Number"), {"type": "number"}),
    "whole": (gettext_lazy("Whole number"), {"type": "integer"}),
    "yes": (gettext_lazy("Yes or no"), {"type": "boolean"}),
    "date": (gettext_lazy("Date"), {"type": "string", "format": "date"}),
    "mail": (gettext_lazy("E-mail address"), {"type": "string", "format": "email"}),
    "choice": (gettext_lazy("One of"), {"type": "string"}),
    "list": (gettext_lazy("List of texts"), {"type": "array", "items": {"type": "string"}}),
    "file": (gettext_lazy("File"), {"type": "object", "format": "file"}),
}
KEPT_WITH = {"title", "description", "default"}  # what stays of a field when its type is changed


@dataclass(frozen=True)
class Contract:
    """A JSON schema of an object."""

    template: ClassVar[str] = "contract"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        if value is not None and not _is_table(value):
            return {"rows": None, "value": dump(value)}
        schema = value or {}
        required = schema.get("required") or []
        rows = [_row(name, spec, name in required) for name, spec in (schema.get("properties") or {}).items()]
        return {
            "rows": [*rows, {"name": "", "title": "", "type": "text", "required": True, "choices": ""}],
            "types": [(key, label) for key, (label, _) in TYPES.items()],
            "value": "",
        }

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        if f"{name}.yaml" in sent:
            return snippet(sent.get(f"{name}.yaml", ""))
        columns = [texts(sent, f"{name}.{part}") for part in ("was", "name", "title", "type", "required", "choices")]
        held: Schema = before if isinstance(before, dict) else {}
        fields: dict[str, Schema] = {}
        required: list[str] = []
        for was, called, title, kind, needed, given in zip(*columns, strict=False):
            if not called:
                if title or given:
                    raise Wrong(_("Give a name to the field %s.") % (title or given)[:60])
                continue
            if not called.isidentifier() or called in fields:
                told = _("%s stands twice.") if called in fields else _("%s is no name: letters, digits, underscores.")
                raise Wrong(told % called[:60])
            fields[called] = _field((held.get("properties") or {}).get(was), title, kind, given)
            required += [called] if needed == "yes" else []
        return _schema(held, fields, required)


def _schema(held: Schema, fields: dict[str, Schema], required: list[str]) -> Any:
    if not fields:
        if not held.get("properties"):
            return held or MISSING
        return {**held, "properties": {}, "required": []}
    if not held:
        held = {"type": "object", "required": [], "additionalProperties": False, "properties": {}}
    made = {**held, "properties": fields}
    stood = [name for name in held.get("required") or [] if name in required]
    made["required"] = [*stood, *(name for name in required if name not in stood)]
    if not made["required"] and "required" not in (held if held.get("properties") else {}):
        del made["required"]
    return made


def _is_table(schema: Any) -> bool:
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return False
    known = {"type", "title", "description", "required", "additionalProperties", "properties"}
    specs = schema.get("properties", {})
    return set(schema) <= known and isinstance(specs, dict) and all(isinstance(spec, dict) for spec in specs.values())


def _row(name: str, spec: Schema, required: bool) -> dict[str, Any]:
    choices = ", ".join(map(str, spec["enum"])) if isinstance(spec.get("enum"), list) else ""
    return {
        "name": name,
        "title": str(spec.get("title", "")),
        "type": _type(spec),
        "required": required,
        "choices": choices,
    }


def _type(spec: Schema) -> str:
    if files.is_file(spec):
        return "file"
    said, form = spec.get("type"), spec.get("format")
    if said == "string":
        if "enum" in spec:
            return "choice"
        return {"date": "date", "email": "mail", None: "text"}.get(form, OTHER)
    if said == "array" and spec.get("items") == {"type": "string"}:
        return "list"
    return {"number": "number", "integer": "whole", "boolean": "yes"}.get(str(said), OTHER)


def _field(before: Schema | None, title: str, kind: str, given: str) -> Schema:
    before = before or {}
    if kind == OTHER or kind not in TYPES or _type(before) == kind:
        made = dict(before)
    else:
        made = {name: value for name, value in before.items() if name in KEPT_WITH} | TYPES[kind][1]
    made.pop("title", None)
    made = ({"title": title} if title else {}) | made
    if kind == "choice":
        names = [one.strip() for one in given.split(",") if one.strip()]
        if not names:
            raise Wrong(_("Say what can be chosen, parted by commas."))
        made["enum"] = names
    return made
