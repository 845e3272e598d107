"""OpenAPI 3 documents: each operation as the draft of a tool of kind http. Nothing is asked of anybody, or switched on.

What an operation does to the world is proposed by its method; a person says what it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from audit.canonical import clean
from orchestration.tools.kinds import placing, sources
from orchestration.tools.kinds.openapi_schemas import LONGEST, Schemas, Unusable
from orchestration.tools.kinds.placing import BODY, HEADER, PATH, QUERY, WHOLE
from orchestration.tools.kinds.shapes import Misdeclared

METHODS = ("get", "head", "post", "put", "patch", "delete")
EFFECTS = {"get": "read", "head": "read", "delete": "destructive"}  # else write
MOST = 1000  # operations of one document
LONGEST_NAME = 60
VERSION = re.compile(r"3\.[01](\.[0-9]+)?(-.*)?")
NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")
NO_ARGUMENT = re.compile(r"[^A-Za-z0-9_]+")
JSON = re.compile(r"application/([a-z0-9.+-]+\+)?json(;.*)?|\*/\*|application/\*", re.IGNORECASE)
SAID_OTHERWISE = {"accept", "content-type", "authorization"}  # headers that OpenAPI itself leaves out of parameters


class BadDocument(ValueError):
    """The text is no OpenAPI document that is read here: a sentence."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A tool as an operation would have it. `effect` is a proposal, by the method alone."""

    declaration: dict[str, Any]
    effect: str

    @property
    def name(self) -> str:
        """What the document calls it, as far as a name can be kept."""
        return str(self.declaration["name"])


@dataclass(slots=True)
class Imported:
    """What a document comes to: drafts, and of each operation that was left out the reason."""

    title: str
    servers: list[str]
    drafts: list[Draft] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def read(source: bytes | str) -> Imported:
    """The drafts of a document, in JSON or YAML. Raises `BadDocument`."""
    try:
        document = clean(sources.load(source))[0]
    except sources.Unreadable as error:
        raise BadDocument(str(error)) from None
    if not isinstance(document, dict):
        raise BadDocument(_("This is no OpenAPI document: it is no object with named parts."))
    if "swagger" in document:
        raise BadDocument(_("This is written in Swagger 2. Only OpenAPI 3.0 and 3.1 are read; it can be converted."))
    if not VERSION.fullmatch(str(document.get("openapi", ""))):
        raise BadDocument(_("This is no OpenAPI document of version 3.0 or 3.1."))
    paths = document.get("paths")
    if not isinstance(paths, dict) or not paths:
        raise BadDocument(_("The document has no operations: nothing stands under paths."))
    info = document.get("info")
    title = str(info.get("title") or "") if isinstance(info, dict) else ""
    imported = Imported(title[:200], _servers(document))
    for number, (path, method, operation, shared) in enumerate(_operations(document, paths)):
        where = f"{method.upper()} {path}"[:200]
        if number >= MOST:
            imported.left_out.append((where, _("Only the first %(most)d operations are taken over.") % {"most": MOST}))
            continue
        try:
            name = _name(operation, method, path, {draft.name for draft in imported.drafts})
            imported.drafts.append(_Taking(document, path, method).draft(name, operation, shared))
        except (Unusable, Misdeclared) as error:
            imported.left_out.append((where, str(error)))
    return imported


def _operations(document: Mapping[str, Any], paths: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, Any]]:
    for path, item in paths.items():
        if not isinstance(item, dict) or path.startswith("x-"):
            continue
        for method in METHODS:
            if method in item:
                yield path, method, item[method], item.get("parameters") or []


def _servers(document: Mapping[str, Any]) -> list[str]:
    found = document.get("servers")
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [str(one.get("url") or "")[:300] for one in rows[:20]]


def _name(operation: Any, method: str, path: str, taken: set[str]) -> str:
    said = operation.get("operationId") if isinstance(operation, dict) else None
    name = NO_NAME.sub("_", said if isinstance(said, str) and said else f"{method}{path}").strip("_")[:LONGEST_NAME]
    name = name or method
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name[: LONGEST_NAME - 5]}_{number}"
    return found


class _Taking:
    """Takes one operation over."""

    def __init__(self, document: Mapping[str, Any], path: str, method: str) -> None:
        self._document, self._path, self._method = document, path, method
        self._schemas = Schemas(document, sent=True)
        self._properties: dict[str, Any] = {}
        self._required: list[str] = []
        self._places: dict[str, dict[str, str]] = {}

    def draft(self, name: str, operation: Any, shared: Any) -> Draft:
        """The draft. Raises `Unusable`, `Misdeclared`."""
        if not isinstance(operation, dict):
            raise Unusable(_("It is not written as OpenAPI says."))
        for parameter in self._parameters(shared, operation.get("parameters") or []):
            self._take_parameter(parameter)
        if "requestBody" in operation and self._method not in {"get", "head"}:
            self._take_body(self._schemas.resolved(operation["requestBody"], "requestBody"))
        own = {"method": self._method.upper(), "path": self._path, "places": self._places}
        placing.operation_of(own)
        arguments: dict[str, Any] = {"type": "object", "properties": self._properties, "additionalProperties": False}
        if self._required:
            arguments["required"] = self._required
        try:
            Draft202012Validator.check_schema(arguments)
        except SchemaError as error:
            raise Unusable(_("Its schema is none: %(why)s") % {"why": error.message[:200]}) from None
        title = str(operation.get("summary") or name)
        declaration = {
            "name": name,
            "title": title[:120],
            "description": str(operation.get("description") or title)[:LONGEST],
            "arguments": arguments,
            "result": self._result(operation.get("responses")),
            "own": own,
        }
        return Draft(declaration, EFFECTS.get(self._method, "write"))

    def _parameters(self, shared: Any, own: Any) -> list[Mapping[str, Any]]:
        """Those of the path, with those of the operation in their place."""
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        if not isinstance(shared, list) or not isinstance(own, list):
            raise Unusable(_("Its parameters are not written as OpenAPI says."))
        for one in [*shared, *own]:
            parameter = self._schemas.resolved(one, "parameter")
            found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
        return list(found.values())

    def _take_parameter(self, parameter: Mapping[str, Any]) -> None:
        where, called = str(parameter.get("in")), str(parameter.get("name") or "")
        if where == HEADER and called.lower() in SAID_OTHERWISE:
            return
        required = where == PATH or parameter.get("required") is True
        if told := self._untaken(parameter, where, called):
            if required:
                raise Unusable(told)
            return
        name = self._free(called, where)
        if where == PATH:
            self._path = self._path.replace("{" + called + "}", "{" + name + "}")
        self._put(name, {"in": where, "name": called}, self._described(parameter), required=required)

    def _untaken(self, parameter: Mapping[str, Any], where: str, called: str) -> str:
        """Why a parameter cannot be an argument; ""."""
        schema = self._schemas.resolved(parameter.get("schema", {}), "schema")
        types = schema.get("type") if isinstance(schema.get("type"), list) else [schema.get("type")]
        named = {"name": called[:100], "where": where[:20]}
        if where not in {PATH, QUERY, HEADER} or not called or "content" in parameter or "object" in (types or []):
            return _("Its parameter %(name)s (%(where)s) is of a kind that is not sent.") % named
        if where == HEADER and (placing.NO_ARGUMENT.fullmatch(called) or not placing.FIELD.fullmatch(called)):
            return _("Its header %(name)s is one that no argument can be.") % named
        if "array" in (types or []) and (where != QUERY or parameter.get("explode", True) is not True):
            return _("Its parameter %(name)s (%(where)s) is a list that is written in a way that is not sent.") % named
        return ""

    def _described(self, parameter: Mapping[str, Any]) -> dict[str, Any]:
        schema = self._schemas.of(parameter.get("schema", {}))
        if parameter.get("description") and "description" not in schema:
            schema["description"] = str(parameter["description"])[:LONGEST]
        return schema

    def _take_body(self, body: Mapping[str, Any]) -> None:
        content, required = body.get("content"), body.get("required") is True
        kinds = [str(kind) for kind in content] if isinstance(content, dict) else []
        kind = next((kind for kind in kinds if JSON.fullmatch(kind)), None)
        if kind is None or not isinstance(content, dict):
            if required:
                raise Unusable(_("What it is sent is no JSON, but %(kinds)s.") % {"kinds": ", ".join(kinds)[:200]})
            return
        schema = self._schemas.of(self._schemas.resolved(content[kind], "content").get("schema", {}))
        if _is_plain_object(schema):
            for called, one in schema["properties"].items():
                needed = required and called in schema.get("required", [])
                self._put(self._free(called, BODY), {"in": BODY, "name": called}, one, required=needed)
        else:
            self._put(self._free("body", BODY), {"in": WHOLE}, schema, required=required)

    def _free(self, called: str, where: str) -> str:
        """The name of an argument: what the document calls it, as far as that can be a name and is not taken."""
        name = NO_ARGUMENT.sub("_", called).strip("_")[:LONGEST_NAME]
        name = name if name[:1].isalpha() else f"{where}_{name}"
        found, number = name if name not in self._places else f"{where}_{name}", 1
        while found in self._places:
            number += 1
            found = f"{where}_{name}_{number}"
        return found

    def _put(self, name: str, place: dict[str, str], schema: dict[str, Any], *, required: bool) -> None:
        self._places[name], self._properties[name] = place, schema
        if required:
            self._required.append(name)

    def _result(self, responses: Any) -> dict[str, Any] | None:
        """The schema of what a call gives back, where the document says it in a way that can be taken over."""
        if not isinstance(responses, dict):
            return None
        schemas = Schemas(self._document, sent=False)
        for status in sorted(str(one) for one in responses):
            if not re.fullmatch(r"2([0-9][0-9]|XX)", status):
                continue
            try:
                content = schemas.resolved(responses[status], "response").get("content")
                kinds = [kind for kind in content if JSON.fullmatch(str(kind))] if isinstance(content, dict) else []
                if kinds and isinstance(content, dict):
                    body = schemas.of(schemas.resolved(content[kinds[0]], "content").get("schema", {}))
                    return {"type": "object", "properties": {"status": {"type": "integer"}, "body": body}}
            except Unusable:
                return None
        return None


def _is_plain_object(schema: Mapping[str, Any]) -> bool:
    """Whether its fields can be arguments of their own."""
    wholly = schema.get("type") == "object" and isinstance(schema.get("properties"), dict) and schema["properties"]
    return bool(wholly) and not schema.get("additionalProperties") and not {"allOf", "anyOf", "oneOf"} & set(schema)
