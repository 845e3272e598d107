"""The mapping of a trigger: for each field of a workflow's input, an expression over what came."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from orchestration import files
from orchestration.expressions import BadExpression, evaluate
from orchestration.references import names_read

type Mapping = dict[str, str]
type Scope = dict[str, Any]


def problems(mapping: Mapping, schema: dict[str, Any], reads: tuple[str, ...]) -> list[tuple[str, str]]:
    """What is wrong with a mapping before anything has come: (field, sentence) pairs."""
    return [*_missing(mapping, schema), *_odd(mapping, schema, reads)]


def _missing(mapping: Mapping, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in schema.get("required", []):
        if name not in mapping and "default" not in schema["properties"].get(name, {}):
            yield name, _("The workflow asks for this: say what it is.")


def _odd(mapping: Mapping, schema: dict[str, Any], reads: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, text in mapping.items():
        if name not in schema["properties"] and schema.get("additionalProperties") is False:
            yield name, _("The workflow takes no such field.")
        try:
            strange = sorted(names_read(text) - set(reads))
        except BadExpression as error:
            yield name, _("This is no expression: %s") % error
            continue
        if strange:
            known = ", ".join(reads)
            yield (
                name,
                _("%(name)s is nothing that can be read here. There is: %(known)s.")
                % {
                    "name": strange[0],
                    "known": known,
                },
            )


def apply(mapping: Mapping, scope: Scope) -> dict[str, Any]:
    """The input that a mapping makes of what came, or `BadExpression`."""
    return {name: evaluate(text, scope) for name, text in mapping.items()}


def takes_files(schema: dict[str, Any]) -> list[str]:
    """The required fields that are files: no trigger but another workflow's end can give one."""
    specs = schema.get("properties", {})
    return [name for name in schema.get("required", []) if files.is_file(specs.get(name))]
