"""Writing plain values as YAML, in the style in which documents are written by hand."""

from typing import Any

import yaml

from orchestration.documents.composing import RESOLVERS

WIDTH = 110
SHORT = 70  # characters of a mapping or a list on one line
FEW = 4  # entries of a mapping on one line


class Dumper(yaml.SafeDumper):
    """Lists stand deeper than what they belong to, long texts as blocks, and no anchors: a document knows none."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


Dumper.yaml_implicit_resolvers = RESOLVERS


def _text(dumper: Dumper, value: str) -> yaml.Node:
    tag = "tag:yaml.org,2002:str"
    if "\n" in value.strip() and value == value.strip() + "\n" * value.endswith("\n"):
        return dumper.represent_scalar(tag, value, style="|")
    if any(sign in value for sign in "'\"(){}[]=&|<>") or value.startswith(("input.", "steps.", "output.")):
        return dumper.represent_scalar(tag, value, style='"')
    return dumper.represent_scalar(tag, value)


def _listed(dumper: Dumper, value: list[Any]) -> yaml.Node:
    flow = all(_plain(one) for one in value) and len(str(value)) <= SHORT
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=flow)


def _mapped(dumper: Dumper, value: dict[str, Any]) -> yaml.Node:
    short = 0 < len(value) <= FEW and len(str(value)) <= SHORT and all(_plain(one) for one in value.values())
    flow = not value or (short and not any(_expression(one) for one in value.values()))
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=flow)


def _plain(value: Any) -> bool:
    return not isinstance(value, dict | list) and "\n" not in str(value)


def _expression(value: Any) -> bool:
    return isinstance(value, str) and any(sign in value for sign in ".'\"(")


Dumper.add_representer(str, _text)
Dumper.add_representer(list, _listed)
Dumper.add_representer(dict, _mapped)


def dump(value: Any) -> str:
    """A value as YAML; a mapping or a list in lines, whatever is short inside it on one."""
    if isinstance(value, dict) and value:
        return "".join(_dumped({name: one}) for name, one in value.items())
    if isinstance(value, list) and value:
        return "".join("- " + _indented(_dumped(one)) for one in value)
    return _dumped(value)


def _indented(text: str) -> str:
    first, *rest = text.splitlines(keepends=True)
    return first + "".join("  " + line if line.strip() else line for line in rest)


def _dumped(value: Any) -> str:
    """One value; a mapping always in lines."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": WIDTH}
    if isinstance(value, dict) and value:
        return "".join(yaml.dump(_Whole({name: one}), Dumper=Dumper, **options) for name, one in value.items())
    text: str = yaml.dump(value, Dumper=Dumper, **options)
    return text.removesuffix("...\n")


class _Whole(dict[str, Any]):
    """A mapping that is written in lines."""


Dumper.add_representer(
    _Whole, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=False)
)
