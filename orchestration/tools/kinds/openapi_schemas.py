"""The schemas of an OpenAPI document as JSON schemas that stand by themselves: references put in, and bounded."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.canonical import SAFE

MOST = 2000  # schemas in one operation
DEEPEST = 24
LONGEST = 1000  # characters of a description
PLAIN = ("type", "format", "enum", "const", "required", "uniqueItems", "title")
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}
LISTS = ("allOf", "anyOf", "oneOf")


class Unusable(ValueError):
    """Something cannot be taken over: a sentence."""


class Schemas:
    """Takes schemas over, for one operation."""

    def __init__(self, document: Mapping[str, Any], *, sent: bool) -> None:
        self._document, self._sent, self._left = document, sent, MOST

    def resolved(self, part: Any, kind: str) -> Mapping[str, Any]:
        """A part of the document, or what it refers to."""
        for _step in range(DEEPEST):
            if not isinstance(part, Mapping):
                raise Unusable(_("Its %(kind)s is not written as OpenAPI says.") % {"kind": kind})
            if "$ref" not in part:
                return part
            part = self._referred(part["$ref"])
        raise Unusable(_("Its references go round in a circle."))

    def of(self, schema: Any, depth: int = 0, within: tuple[str, ...] = ()) -> dict[str, Any]:
        """A schema, whole. Raises `Unusable`."""
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise Unusable(_("Its schema is too large or too deep to be taken over."))
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        if not isinstance(schema, Mapping):
            raise Unusable(_("Its schema is not written as OpenAPI says."))
        if (reference := schema.get("$ref")) is not None:
            if reference in within:
                raise Unusable(_("Its schema refers to itself: %(name)s.") % {"name": str(reference)[:100]})
            found = self.of(self._referred(reference), depth + 1, (*within, str(reference)))
            beside = {name: value for name, value in schema.items() if name in ("description", "title", "nullable")}
            return _nullable({**found, **self._words(beside)}, schema)
        return _nullable(self._taken(schema, depth, within), schema)

    def _taken(self, schema: Mapping[str, Any], depth: int, within: tuple[str, ...]) -> dict[str, Any]:
        taken = {name: schema[name] for name in PLAIN if name in schema} | self._words(schema) | _bounds(schema)
        _check_type(taken.get("type"))
        for name in LISTS:
            if isinstance(schema.get(name), list) and schema[name]:
                taken[name] = [self.of(one, depth + 1, within) for one in schema[name]]
        for name in ("items", "not", "additionalProperties"):
            if isinstance(schema.get(name), Mapping | bool):
                taken[name] = self.of(schema[name], depth + 1, within)
        if taken.get("additionalProperties") == {"not": {}}:
            taken["additionalProperties"] = False
        if isinstance(schema.get("properties"), Mapping):
            taken["properties"] = {
                str(name): self.of(one, depth + 1, within)
                for name, one in schema["properties"].items()
                if not self._is_not_ours(one)
            }
            required = taken.get("required")
            if isinstance(required, list):
                gone = set(map(str, schema["properties"])) - set(taken["properties"])
                taken["required"] = [name for name in required if name not in gone]
        if not isinstance(taken.get("required"), list) or not taken["required"]:
            taken.pop("required", None)
        return taken

    def _is_not_ours(self, schema: Any) -> bool:
        """Whether a property is only sent the other way."""
        found = self.resolved(schema, "schema") if isinstance(schema, Mapping) else {}
        return bool(found.get("readOnly" if self._sent else "writeOnly"))

    def _words(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """What a schema says of itself. A pattern is told and not tried: it may be made to take for ever."""
        told = [str(schema["description"])] if schema.get("description") else []
        if isinstance(schema.get("pattern"), str):
            told.append(_("It fits %(pattern)s.") % {"pattern": schema["pattern"][:200]})
        return {"description": " ".join(told)[:LONGEST]} if told else {}

    def _referred(self, reference: Any) -> Any:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise Unusable(
                _("It refers to something outside of the document: %(name)s.") % {"name": str(reference)[:100]}
            )
        found: Any = self._document
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                raise Unusable(_("It refers to what is not there: %(name)s.") % {"name": reference[:100]})
            found = found[name]
        return found


def _check_type(told: Any) -> None:
    types = told if isinstance(told, list) else [told]
    if told is not None and (not types or not all(isinstance(one, str) and one in TYPES for one in types)):
        raise Unusable(_("Its schema has a type that there is not: %(name)s.") % {"name": str(told)[:100]})


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The bounds, as of today's JSON schema; one that cannot be kept exactly bounds nothing."""
    found: dict[str, Any] = {}
    for name in NUMBERS:
        value = schema.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > SAFE:
            continue
        if name != "multipleOf" or value > 0:
            found[name] = value
    for name, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True and name in found:  # as OpenAPI 3.0 wrote it
            found[exclusive] = found.pop(name)
    for name in COUNTS:
        value = schema.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= SAFE:
            found[name] = value
    return found


def _nullable(found: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """What OpenAPI 3.0 wrote as nullable."""
    if schema.get("nullable") is not True:
        return found
    if isinstance(found.get("type"), str) and not any(name in found for name in LISTS):
        if isinstance(found.get("enum"), list) and None not in found["enum"]:
            found = {**found, "enum": [*found["enum"], None]}
        return {**found, "type": [found["type"], "null"]}
    return {"anyOf": [found, {"type": "null"}]}
