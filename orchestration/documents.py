"""Reading a workflow's document: YAML in, a checked definition out, or every problem in a sentence."""

import json
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from audit.canonical import NotCanonical, digest
from orchestration import tools
from orchestration.expressions import BadExpression, names
from orchestration.starts import problems

LARGEST = 512 * 1024  # bytes
SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "document.schema.json").read_text())
ALWAYS = {"input", "steps", "run"}


class BadDocument(ValueError):
    """The document cannot be published. `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class _Loader(yaml.SafeLoader):
    """YAML without what a document never needs: aliases (they explode) and doubled keys (one would vanish)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError(f"line {self.line + 1}: anchors and aliases are not read here.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for (key_node, _), key in zip(node.value, keys, strict=True):
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: {key!r} stands twice.")
        return super().construct_mapping(node, deep)


def read(source: str) -> dict[str, Any]:
    """The checked definition, or `BadDocument` with every problem found."""
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise BadDocument([f"The document is larger than {LARGEST // 1024} kB."])
    try:
        document = yaml.load(source, Loader=_Loader)  # noqa: S506  (a SafeLoader)
        digest(document)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadDocument([f"The document is not YAML that can be read: {error}"]) from error
    found = [f"{where}: {told}" if where else told for where, told in problems(SCHEMA, document)]
    found = found or _meaning(document)
    if found:
        raise BadDocument(found)
    return dict(document)


def fingerprint(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical form."""
    try:
        return digest(document)
    except NotCanonical as error:
        raise BadDocument([str(error)]) from error


def _meaning(document: dict[str, Any]) -> list[str]:
    """What a schema cannot say: keys that are used twice, tools that are not there, expressions that cannot be read."""
    found = _schema_problem("the input", document["input"])
    found += _expression("title", document["title"], {"input"})
    seen: set[str] = set()
    for step in document["steps"]:
        if step["key"] in seen:
            found.append(f"Two steps have the key {step['key']!r}.")
        seen.add(step["key"])
        found += _step(step)
    return found


def _step(step: dict[str, Any]) -> list[str]:
    where, found = f"step {step['key']!r}", []
    for name, text in step.get("input", {}).items():
        found += _expression(f"{where}, input {name}", text, ALWAYS)
    for name in ("label", "success"):
        if name in step:
            found += _expression(f"{where}, {name}", step[name], ALWAYS)
    if "output" in step:
        found += _schema_problem(f"{where}, its output", step["output"])
    if step["kind"] == "tool" and step["tool"] not in tools.TOOLS:
        found.append(f"{where} calls {step['tool']!r}, which is no tool here.")
    return found


def _expression(where: str, text: str, known: set[str]) -> list[str]:
    try:
        strange = [name for name in names(text) if name not in known]
    except BadExpression as error:
        return [f"{where}: {error}"]
    return [f"{where} reads {name!r}, which is not there." for name in strange]


def _schema_problem(where: str, schema: dict[str, Any]) -> list[str]:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [f"The JSON schema of {where} is wrong: {error.message}"]
    return []
